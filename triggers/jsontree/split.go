package jsontree

import "bytes"

const spaces = " \n\r\t"

// Split returns the elements of data, which begins with the bracket of a list:
// their texts, not yet parsed, which share its memory. It looks at brackets,
// quotes and commas alone; ok is false where these do not make a list, and
// what they enclose is for Parse to judge.
func Split(data []byte) (elements [][]byte, ok bool) {
	depth, begin := 0, 0
	for at := 0; at < len(data); at++ {
		switch data[at] {
		case '"':
			length := quoted(data[at:])
			if length == 0 {
				return nil, false
			}
			at += length - 1
		case '{', '[':
			if depth++; depth == 1 {
				begin = at + 1
			}
		case '}', ']':
			if depth--; depth == 0 {
				if data[at] != ']' {
					return nil, false
				}
				element := bytes.Trim(data[begin:at], spaces)
				if len(elements) > 0 || len(element) > 0 {
					elements = append(elements, element)
				}
				return elements, len(bytes.Trim(data[at+1:], spaces)) == 0
			}
		case ',':
			if depth == 1 {
				elements = append(elements, bytes.Trim(data[begin:at], spaces))
				begin = at + 1
			}
		}
		if depth == 0 {
			return nil, false
		}
	}
	return nil, false
}

// quoted is the length of the text that data begins with, with its quotes, 0
// where it does not end.
func quoted(data []byte) int {
	at := 1
	for {
		next := bytes.IndexByte(data[at:], '"')
		if next < 0 {
			return 0
		}
		at += next + 1
		escapes := 0
		for data[at-2-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return at
		}
	}
}
