// Package deploy_test runs the program as the files of this folder do.
package deploy_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"debug/elf"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nobody is the user of the image and of the chart.
const nobody = "65532"

// build makes the binary as the Dockerfile does.
func build(t *testing.T, file string) {
	t.Helper()
	made := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version=v0.0.0-test",
		"-o", file, "./cmd/hookdesk")
	made.Dir = ".."
	made.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := made.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
}

// TestStaticBinary builds the binary of the image and runs it as the image
// does: nothing but itself, certificates and a data folder, nothing of it
// writable but the data, as nobody and without capabilities.
func TestStaticBinary(t *testing.T) {
	root := t.TempDir()
	for _, folder := range []string{root, filepath.Dir(root)} { // nobody must be able to pass
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(root, "usr/local/bin/hookdesk")
	build(t, binary)
	isStatic(t, binary)
	furnish(t, root)

	arrived := make(chan string, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		select {
		case arrived <- string(body):
		default:
		}
	}))
	defer receiver.Close()

	p := jail(t, root)
	p.ready()
	var endpoint struct {
		ID string `json:"id"`
	}
	p.post("/endpoints", fmt.Sprintf(`{"name": "here", "system": "agency", "url": %q, "allow_http": true}`, receiver.URL), &endpoint)
	p.post("/triggers", fmt.Sprintf(`{"name": "all", "system": "agency", "on": ["whitelabel-ticket-created"], "then": [{"webhook": {"endpoint": %q}}]}`, endpoint.ID), nil)
	p.post("/tickets", `{"number": "S-1", "subject": "In a jail", "status": "Open"}`, nil)
	select {
	case got := <-arrived:
		if !strings.Contains(got, "In a jail") {
			t.Errorf("the receiver got %s", got)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("no delivery arrived:\n%s", p.output())
	}
	p.identity()
	p.end()
	if _, err := os.Stat(filepath.Join(root, "data/hookdesk.db")); err != nil {
		t.Errorf("the ledger is not in the data folder: %v", err)
	}
}

// isStatic fails for a binary that needs a loader or libraries.
func isStatic(t *testing.T, file string) {
	t.Helper()
	binary, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	for _, program := range binary.Progs {
		if program.Type == elf.PT_INTERP {
			t.Error("the binary names an interpreter")
		}
	}
	if libraries, err := binary.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("the binary needs %v, %v", libraries, err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if folder, err := filepath.Abs(".."); err != nil || bytes.Contains(content, []byte(folder+"/")) {
		t.Errorf("the binary names the folder it was built in, %s", folder)
	}
}

// furnish puts into the root what the image has besides the binary.
func furnish(t *testing.T, root string) {
	t.Helper()
	certificates := filepath.Join(root, "etc/ssl/certs/ca-certificates.crt")
	for _, folder := range []string{filepath.Dir(certificates), filepath.Join(root, "data")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile("/etc/ssl/certs/ca-certificates.crt")
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(certificates, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// process is a running server.
type process struct {
	t        *testing.T
	cmd      *exec.Cmd
	log      *os.File
	base     string
	token    string
	readOnly bool // its root is
}

// output returns what the server has said so far.
func (p *process) output() string {
	content, err := os.ReadFile(p.log.Name())
	if err != nil {
		p.t.Fatal(err)
	}
	return string(content)
}

// jailed is what root carries out before the server: its own view of the
// files, all of it read-only but the data, no way to gain rights, and no
// capability but those that it takes to become nobody.
const jailed = `set -e
mount --make-rprivate /
mount --bind "$1" "$1"
mount --bind "$1/data" "$1/data"
mount -o remount,bind,ro "$1"
exec setpriv --no-new-privs --bounding-set=-all,+sys_chroot,+setuid,+setgid chroot --userspec=$2:$2 --groups= "$1" /usr/local/bin/hookdesk serve`

// jail starts the binary. What the machine does not permit is left out, and
// said: without root there is only an empty environment.
func jail(t *testing.T, root string) *process {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	_ = listener.Close()
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	p := &process{t: t, log: log, base: "http://" + addr, token: rand.Text()}
	data := "/data"
	ctx := context.WithoutCancel(t.Context())
	switch {
	case os.Getuid() != 0:
		t.Log("not root: the binary runs without a jail")
		data = filepath.Join(root, "data")
		p.cmd = exec.CommandContext(ctx, filepath.Join(root, "usr/local/bin/hookdesk"), "serve")
	case exec.CommandContext(ctx, "unshare", "--mount", "true").Run() != nil:
		t.Log("no namespace of mounts here: the root is not writable because it is not nobody's")
		p.cmd = exec.CommandContext(ctx, "setpriv", "--no-new-privs", "--bounding-set=-all,+sys_chroot,+setuid,+setgid",
			"chroot", "--userspec="+nobody+":"+nobody, "--groups=", root, "/usr/local/bin/hookdesk", "serve")
	default:
		p.readOnly = true
		p.cmd = exec.CommandContext(ctx, "unshare", "--mount", "sh", "-c", jailed, "sh", root, nobody)
	}
	if os.Getuid() == 0 {
		own(t, filepath.Join(root, "data"))
	}
	p.cmd.Env = append(imageSettings(t), "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOOKDESK_ADDR="+addr, "HOOKDESK_DATA_DIR="+data,
		"HOOKDESK_ADMIN_TOKEN="+p.token, "HOOKDESK_SECRET_KEY="+base64.StdEncoding.EncodeToString(key), "HOOKDESK_ALLOWED_NETWORKS=127.0.0.0/8")
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
	return p
}

func own(t *testing.T, folder string) {
	t.Helper()
	var user int
	if _, err := fmt.Sscan(nobody, &user); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(folder, user, user); err != nil {
		t.Fatal(err)
	}
}

// imageSettings are the variables of the Dockerfile.
func imageSettings(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	settings := regexp.MustCompile(`HOOKDESK_[A-Z_]+=\S+`).FindAllString(string(content), -1)
	if len(settings) < 3 || !strings.Contains(string(content), "\nUSER "+nobody+":"+nobody+"\n") {
		t.Fatalf("the Dockerfile sets %v", settings)
	}
	return settings
}

// ready waits until the server is.
func (p *process) ready() {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		response, err := http.Get(p.base + "/readyz")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
			p.t.Fatalf("the server is not ready:\n%s", p.output())
		}
	}
}

func (p *process) post(path, body string, out any) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.base+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+p.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode/100 != 2 {
		p.t.Fatalf("POST %s: %d %s, %v", path, response.StatusCode, content, err)
	}
	if out != nil {
		if err := json.Unmarshal(content, out); err != nil {
			p.t.Fatal(err)
		}
	}
}

// identity holds who the server is, as the kernel sees it.
func (p *process) identity() {
	p.t.Helper()
	if os.Getuid() != 0 {
		return
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, want := range []string{
		"Uid:\t" + nobody + "\t" + nobody + "\t", "Gid:\t" + nobody + "\t" + nobody + "\t", "Groups:\t \n",
		"CapEff:\t0000000000000000\n", "CapPrm:\t0000000000000000\n", "NoNewPrivs:\t1\n",
	} {
		if !strings.Contains(string(status), want) {
			p.t.Errorf("the server's status has no %q:\n%s", want, status)
		}
	}
	mounts, err := os.ReadFile(fmt.Sprintf("/proc/%d/mounts", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	if p.readOnly && !regexp.MustCompile(`(?m)^\S+ / \S+ ro[, ]`).Match(mounts) {
		p.t.Errorf("the root is not read-only:\n%s", mounts)
	}
}

// end asks the server to stop, and holds that it does so in order.
func (p *process) end() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	late := time.AfterFunc(30*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("after SIGTERM: %v\n%s", err, p.output())
	}
	for _, want := range []string{`"msg":"draining"`, `"msg":"stopped"`} {
		if !strings.Contains(p.output(), want) {
			p.t.Errorf("the log has no %s:\n%s", want, p.output())
		}
	}
}
