package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestUnit lets systemd check the unit, where there is one to ask, and holds
// how much it leaves open.
func TestUnit(t *testing.T) {
	content, err := os.ReadFile("systemd/hookdesk.service")
	if err != nil {
		t.Fatal(err)
	}
	unit := string(content)
	for _, want := range []string{
		"DynamicUser=yes", "ProtectSystem=strict", "CapabilityBoundingSet=\n", "MemoryDenyWriteExecute=yes", "StateDirectory=hookdesk\n",
		"HOOKDESK_DATA_DIR=/var/lib/hookdesk ",
	} {
		if !strings.Contains(unit, want) {
			t.Errorf("the unit has no %q", want)
		}
	}
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Log("no systemd-analyze here: the unit was read, not verified")
		return
	}
	// The check wants to find what would be started.
	program := filepath.Join(t.TempDir(), "hookdesk")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "hookdesk.service")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(unit, "/usr/local/bin/hookdesk", program)), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--man=no", file).CombinedOutput()
	if err != nil || strings.Contains(string(out), "hookdesk.service:") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	out, err = exec.CommandContext(t.Context(), "systemd-analyze", "security", "--offline=true", "--no-pager", file).CombinedOutput()
	found := regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+) `).FindStringSubmatch(string(out))
	if err != nil || found == nil {
		t.Fatalf("systemd-analyze security: %v\n%s", err, out)
	}
	const most = 2.0 // of 10; a unit without hardening has 9.6
	if exposure, err := strconv.ParseFloat(found[1], 64); err != nil || exposure > most {
		t.Errorf("the unit's exposure is %s, want at most %v\n%s", found[1], most, out)
	}
}
