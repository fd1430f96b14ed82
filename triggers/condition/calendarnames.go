package condition

import "slices"

// MapCalendars returns a copy of a group in which each calendar is what
// rename makes of it; nil of nil.
func MapCalendars(group *Group, rename func(calendar string) string) *Group {
	if group == nil {
		return nil
	}
	copied := *group
	for _, nodes := range []*[]Node{&copied.All, &copied.Any, &copied.None} {
		*nodes = slices.Clone(*nodes)
		for i, node := range *nodes {
			if node.Group != nil {
				(*nodes)[i].Group = MapCalendars(node.Group, rename)
			}
			if node.Leaf == nil || node.Leaf.Options == nil || node.Leaf.Options.Calendar == "" {
				continue
			}
			leaf, options := *node.Leaf, *node.Leaf.Options
			options.Calendar = rename(options.Calendar)
			leaf.Options = &options
			(*nodes)[i].Leaf = &leaf
		}
	}
	return &copied
}
