package cli

import (
	"runtime/debug"
	"strings"
)

// Version returns what the Go tool has stamped into the binary.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && !strings.Contains(v, s.Value[:7]) {
			v += " " + s.Value[:12]
		}
	}
	return v
}
