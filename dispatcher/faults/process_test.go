package faults

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// process is a child as its parent sees it.
type process struct {
	t      testing.TB
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	errors bytes.Buffer
}

// startProcess starts a child. It may still be starting when it returns: what
// is ordered meanwhile waits.
func startProcess(t testing.TB, spec childSpec) *process {
	t.Helper()
	encoded, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.Command(os.Args[0], "-test.run=^$")}
	p.cmd.Env = append(os.Environ(), childVariable+"="+string(encoded))
	p.cmd.Stderr = &p.errors
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

var errKilled = errors.New("the process is gone")

// ask sends an order and returns its answer, errKilled if there is none.
func (p *process) ask(o order) (answer, error) {
	encoded, err := json.Marshal(o)
	if err != nil {
		return answer{}, err
	}
	if _, err := p.in.Write(append(encoded, '\n')); err != nil {
		return answer{}, errKilled
	}
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return answer{}, errKilled
	}
	var a answer
	err = json.Unmarshal(line, &a)
	return a, err
}

// kill ends the process at once.
func (p *process) kill() {
	if p.cmd.ProcessState != nil {
		return
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// end drains the process and waits until it is gone.
func (p *process) end() {
	p.t.Helper()
	if _, err := p.ask(order{Stop: true}); err != nil {
		p.t.Fatalf("stop: %v: %s", err, p.errors.String())
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("the process ended with %v: %s", err, p.errors.String())
	}
}
