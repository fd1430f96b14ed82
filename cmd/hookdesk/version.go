package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the linker for releases: -X main.version=1.2.3.
var version = ""

// VersionCmd prints the version.
type VersionCmd struct {
	JSON bool `help:"Print JSON." name:"json"`
}

// Build is what the binary knows about how it was built.
type Build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// Run prints the version.
func (c *VersionCmd) Run(std Std) error {
	b := build()
	if c.JSON {
		return json.NewEncoder(std.Out).Encode(b)
	}
	line := "hookdesk " + b.Version
	if b.Revision != "" {
		line += " " + b.Revision[:min(12, len(b.Revision))]
		if b.Modified {
			line += "+modified"
		}
	}
	_, err := fmt.Fprintf(std.Out, "%s (%s, %s)\n", line, b.Go, b.Platform)
	return err
}

func build() Build {
	b := Build{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if ok && b.Version == "" && info.Main.Version != "(devel)" {
		b.Version = info.Main.Version
	}
	if b.Version == "" {
		b.Version = "devel"
	}
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// userAgent is what hookdesk calls itself where a vendor says nothing.
func userAgent() string { return "hookdesk/" + build().Version }
