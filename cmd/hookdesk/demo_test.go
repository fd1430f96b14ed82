package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDemoSpeaksAtOnce measures the time to the first line, and interrupts
// the demonstration in its middle: it ends and leaves no folder behind.
func TestDemoSpeaksAtOnce(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	temporary := t.TempDir()
	command := exec.Command(path, "demo", "--addr", "127.0.0.1:0")
	command.Env = append(os.Environ(), commandVariable+"=1", "TMPDIR="+temporary)
	command.Stderr = t.Output()
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = command.Process.Kill() }()
	lines := bufio.NewScanner(output)
	if !lines.Scan() {
		t.Fatal("the demonstration says nothing")
	}
	if took := time.Since(started); took > 15*time.Second {
		t.Errorf("the first line came after %s", took)
	}
	for lines.Scan() {
		if strings.Contains(lines.Text(), "is created") {
			break
		}
	}
	if err := command.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // until the pipe is closed
	}
	if err := command.Wait(); err != nil {
		t.Errorf("an interrupted demonstration: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(temporary, "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left behind, %v", left, err)
	}
}
