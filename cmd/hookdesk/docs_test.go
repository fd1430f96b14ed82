package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// commands returns the command lines of hookdesk in the fenced blocks of a
// Markdown text, continued lines joined and comments cut off.
func commands(text string) []string {
	var found []string
	inside := false
	text = strings.ReplaceAll(text, "\\\n", " ")
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			inside = !inside
			continue
		}
		line, _, _ = strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "$ "), " # ")
		words := strings.Fields(line)
		for len(words) > 0 && strings.Contains(words[0], "=") {
			words = words[1:] // variables of the environment
		}
		line = strings.TrimSuffix(strings.Join(words, " "), " &")
		for _, start := range []string{"hookdesk ", "./hookdesk ", "go run ./cmd/hookdesk "} {
			if rest, ok := strings.CutPrefix(line, start); ok && inside {
				rest, _, _ = strings.Cut(rest, " |") // a pipe, or what follows a failure
				rest, _, _ = strings.Cut(rest, " > ")
				found = append(found, rest)
			}
		}
	}
	return found
}

// words splits a command line as a shell would, as far as docs need it.
func words(line string) []string {
	var list []string
	var word strings.Builder
	quote, open := rune(0), false
	for _, r := range line + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, open = r, true
		case quote == 0 && r == ' ':
			if open || word.Len() > 0 {
				list = append(list, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteRune(r)
		}
	}
	return list
}

// TestCommandsInDocs holds every command of the documentation against the
// command line as it is.
func TestCommandsInDocs(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := 0
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && file != root || entry.Name() == "testdata" || entry.Name() == "dist") {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(file) != ".md" {
			return nil
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, line := range commands(string(content)) {
			seen++
			var cli CLI
			parser, err := kong.New(&cli, kong.Name("hookdesk"), kong.Exit(func(int) {}), kong.Writers(t.Output(), t.Output()),
				kong.BindTo(context.Background(), (*context.Context)(nil)), kong.Bind(Std{}))
			if err != nil {
				return err
			}
			// Files of examples need not be there.
			args := words(line)
			for i := range args {
				if i > 0 && args[i-1] == "--request" {
					args[i] = file
				}
			}
			if _, err := parser.Parse(args); err != nil && !strings.Contains(line, "--help") {
				t.Errorf("%s: hookdesk %s: %v", file, line, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 5 {
		t.Errorf("only %d commands were found", seen)
	}
}

func TestCommands(t *testing.T) {
	text := "hookdesk outside\n```sh\nA=1 hookdesk send x \\\n  --to 'a b'   # why\n$ hookdesk log | head\necho hookdesk\ngo run ./cmd/hookdesk demo\n```\n"
	got := strings.Join(commands(text), "|")
	if want := "send x --to 'a b'|log|demo"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := strings.Join(words(`a 'b c' "d"e ''`), "|"); got != "a|b c|de|" {
		t.Errorf("got %q", got)
	}
}
