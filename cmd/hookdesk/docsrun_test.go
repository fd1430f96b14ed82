package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fenced is a fenced block of a Markdown text.
type fenced struct {
	line       int
	info, text string
}

// blocks returns the fenced blocks of a text.
func blocks(text string) []fenced {
	var found []fenced
	var open *fenced
	for i, line := range strings.Split(text, "\n") {
		info, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && open == nil:
			open = &fenced{line: i + 1, info: strings.TrimSpace(info)}
		case fence:
			found, open = append(found, *open), nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	return found
}

// TestDocsRun carries out what the documentation tells people to type, page by
// page, with a binary made for it. A block of sh must succeed; one that says
// background runs until the page ends, and then ends in order; one that says
// show: is left out, for the reason that it gives.
func TestDocsRun(t *testing.T) {
	tools := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(tools, "hookdesk"), ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	root := filepath.Join("..", "..")
	pages, err := filepath.Glob(filepath.Join(root, "web", "docs", "pages", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	toRun := 0
	for _, file := range append(pages, filepath.Join(root, "README.md"), filepath.Join(root, "CONTRIBUTING.md")) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		toRun += strings.Count(string(content), "\n```sh\n") + strings.Count(string(content), "\n```sh background\n")
		t.Run(filepath.Base(file), func(t *testing.T) { runPage(t, tools, string(content)) })
	}
	if toRun < 10 {
		t.Errorf("only %d blocks are to be run", toRun)
	}
}

// page is one page while its blocks run.
type page struct {
	*testing.T
	folder string
	env    []string
	ports  *strings.Replacer
	server string
}

func runPage(t *testing.T, tools, text string) {
	t.Helper()
	p := &page{T: t, folder: t.TempDir()}
	var replace []string
	for _, port := range []string{"8080", "9000", "3000"} {
		addr, err := freeAddr()
		if err != nil {
			t.Fatal(err)
		}
		replace = append(replace, "127.0.0.1:"+port, addr, "localhost:"+port, addr)
		if port == "8080" {
			p.server = addr
		}
	}
	// The program is built once; and a ledger of its own for each page.
	p.ports = strings.NewReplacer(append(replace, "go run ./cmd/hookdesk", "hookdesk")...)
	p.env = []string{
		"PATH=" + tools + ":" + os.Getenv("PATH"), "HOME=" + p.folder, "NO_COLOR=1",
		"HOOKDESK_ADDR=" + p.server, "HOOKDESK_SERVER=http://" + p.server,
	}
	found := blocks(text)
	if runs(found) && !serves(found) {
		p.env = append(p.env, "HOOKDESK_ADMIN_TOKEN=a-token-of-16-characters")
		p.background("HOOKDESK_DEV=1 hookdesk serve")
	}
	for _, block := range found {
		language, how, _ := strings.Cut(block.info, " ")
		switch reason, shown := strings.CutPrefix(how, "show:"); {
		case language != "sh":
			if strings.HasPrefix(block.text, "hookdesk ") || strings.HasPrefix(block.text, "curl ") {
				t.Errorf("line %d: commands in a block of %q; want sh", block.line, block.info)
			}
		case shown && strings.TrimSpace(reason) != "":
			p.targets(block)
		case how == "background":
			p.background(block.text)
		case how == "":
			p.run(block)
		default:
			t.Errorf("line %d: the block says %q; want sh, sh background, or sh show: and a reason", block.line, block.info)
		}
	}
}

// serves says whether a page starts its own server, in which case it also
// chooses the token.
func serves(found []fenced) bool {
	return slices.ContainsFunc(found, func(block fenced) bool {
		return block.info == "sh background" && strings.Contains(block.text, "HOOKDESK_ADMIN_TOKEN=")
	})
}

// runs says whether a page has commands that may want a server.
func runs(found []fenced) bool {
	return slices.ContainsFunc(found, func(block fenced) bool { return block.info == "sh" })
}

// run carries out a block. What it exports is there for the next.
func (p *page) run(block fenced) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.Context(), time.Minute)
	defer cancel()
	script := "[ ! -e .exported ] || . ./.exported\n" + p.ports.Replace(block.text) + "export -p > .exported\n"
	command := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
	command.Dir, command.Env = p.folder, p.env
	out, err := command.CombinedOutput()
	if err != nil {
		p.Errorf("line %d: %v\n%s\n%s", block.line, err, block.text, out)
		return
	}
	p.Logf("%s%s", block.text, out)
}

// background starts a command, waits until it says something, and asks it to
// end when the page does.
func (p *page) background(text string) {
	p.Helper()
	text = p.ports.Replace(text)
	serving := strings.Contains(text, "hookdesk serve")
	if serving && p.answers() {
		return // the page's server runs already
	}
	if strings.Contains(text, "hookdesk demo") { // it would take the place of that server
		text = "HOOKDESK_ADDR=127.0.0.1:0 " + text
	}
	log, err := os.Create(filepath.Join(p.TempDir(), "log"))
	if err != nil {
		p.Fatal(err)
	}
	command := exec.CommandContext(context.WithoutCancel(p.Context()), "bash", "-c", text)
	command.Dir, command.Env, command.Stdout, command.Stderr = p.folder, p.env, log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		p.Fatal(err)
	}
	said := func() []byte {
		content, err := os.ReadFile(log.Name())
		if err != nil {
			p.Error(err)
		}
		return content
	}
	p.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGINT)
		late := time.AfterFunc(40*time.Second, func() { _ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) })
		defer late.Stop()
		if err := command.Wait(); err != nil {
			p.Errorf("%s: %v\n%s", text, err, said())
		}
		_ = log.Close()
	})
	eventually(p.T, time.Minute, func() error {
		if content := said(); !bytes.Contains(content, []byte("\n")) || bytes.Contains(content, []byte("error: ")) {
			return fmt.Errorf("%s has said %q", text, content)
		}
		if serving && !p.answers() {
			return fmt.Errorf("%s does not answer yet", text)
		}
		return nil
	})
}

func (p *page) answers() bool {
	response, err := http.Get("http://" + p.server + "/healthz")
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// targets holds that the targets of make exist that a block shows.
func (p *page) targets(block fenced) {
	p.Helper()
	for line := range strings.SplitSeq(block.text, "\n") {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "make" {
			continue
		}
		if out, err := exec.CommandContext(p.Context(), "make", "-n", "-C", filepath.Join("..", ".."), words[1]).CombinedOutput(); err != nil {
			p.Errorf("line %d: make %s: %v\n%s", block.line, words[1], err, out)
		}
	}
}

func TestBlocks(t *testing.T) {
	found := blocks("text\n```sh show: because\na\n  b\n```\n\n```\nc\n```\n")
	want := []fenced{{2, "sh show: because", "a\n  b\n"}, {7, "", "c\n"}}
	if len(found) != 2 || found[0] != want[0] || found[1] != want[1] {
		t.Errorf("got %+v, want %+v", found, want)
	}
}
