package cli

import (
	"runtime/debug"
	"strings"
)

// release is the version of a release, "" of any other build. The linker sets it:
// -X github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli.release=v1.2.3
var release string

// Version returns the release, or what the Go tool has stamped into the binary of none.
func Version() string {
	if release != "" {
		return release
	}
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
