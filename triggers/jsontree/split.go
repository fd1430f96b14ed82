package jsontree

import "bytes"

const spaces = " \n\r\t"

// Split returns the elements of data, which begins with the bracket of a list:
// their texts, not yet parsed, which share its memory. Of more than most it
// returns as many, and how many there are: a list of commas would take much
// more memory than it has. It looks at brackets, quotes and commas alone; ok is
// false where these do not make a list, and what they enclose is for Parse to
// judge.
func Split(data []byte, most int) (elements [][]byte, count int, ok bool) {
	depth, begin := 0, 0
	take := func(element []byte) {
		if count++; count <= most {
			elements = append(elements, element)
		}
	}
	for at := 0; at < len(data); at++ {
		switch data[at] {
		case '"':
			length := quoted(data[at:])
			if length == 0 {
				return nil, 0, false
			}
			at += length - 1
		case '{', '[':
			if depth++; depth == 1 {
				begin = at + 1
			}
		case '}', ']':
			if depth--; depth == 0 {
				if data[at] != ']' {
					return nil, 0, false
				}
				element := bytes.Trim(data[begin:at], spaces)
				if count > 0 || len(element) > 0 {
					take(element)
				}
				return elements, count, len(bytes.Trim(data[at+1:], spaces)) == 0
			}
		case ',':
			if depth == 1 {
				take(bytes.Trim(data[begin:at], spaces))
				begin = at + 1
			}
		}
		if depth == 0 {
			return nil, 0, false
		}
	}
	return nil, 0, false
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
