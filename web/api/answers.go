package api

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"
)

// answersText holds answers of a real server by operation and status, which its
// test records with -update.
//
//go:embed answers.json
var answersText []byte

// recordedAnswers returns the examples of successful answers, by operation id
// and status.
var recordedAnswers = sync.OnceValue(func() map[string]map[string]any {
	answers := map[string]map[string]any{}
	if err := json.Unmarshal(answersText, &answers); err != nil {
		panic(fmt.Sprintf("decode answers.json: %v", err)) // the code's own data
	}
	return answers
})
