package console

import "github.com/hookdesk/hookdesk/triggers/condition"

// leaves counts the conditions of a tree.
func leaves(group *condition.Group) int {
	if group == nil {
		return 0
	}
	n := 0
	for _, children := range [][]condition.Node{group.All, group.Any, group.None} {
		for _, child := range children {
			if child.Leaf != nil {
				n++
			}
			n += leaves(child.Group)
		}
	}
	return n
}
