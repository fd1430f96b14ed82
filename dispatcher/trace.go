package dispatcher

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
)

// hexID derives an identifier of n hexadecimal digits from a text.
func hexID(text string, n int) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:n]
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
