package main

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
)

// TestElsewhere: on another kernel each verb that needs Linux says so, with its name and what
// to do, and exits with 64; the others, among them those that CI uses, are left as they are.
func TestElsewhere(t *testing.T) {
	everywhere := []string{"validate", "explain", "schema", "lsp", "judge", "merge", "compare", "report", "league", "load", "list", "version", "help", "man", "completion", "mcp"}
	refused := 0
	for _, cmd := range verbs() {
		root := newRoot()
		needLinux(root, "darwin")
		var out strings.Builder
		if describeElsewhere(cmd.Name()) == "" {
			if !slices.Contains(everywhere, cmd.Name()) {
				t.Errorf("%s: say in elsewhere.go or here whether it works without Linux", cmd.Name())
			}
			continue
		}
		refused++
		code := cli.Execute(t.Context(), root, []string{cmd.Name()}, strings.NewReader(""), io.Discard, &out)
		said := out.String()
		if code != cli.ExitUsage || !strings.HasPrefix(said, "pm2drill "+cmd.Name()+": ") || !strings.Contains(said, "darwin") ||
			!strings.Contains(said, "`pm2drill "+cmd.Name()+"`") || strings.Count(said, "\n") != 1 {
			t.Errorf("%s: exit code %d, %q", cmd.Name(), code, said)
		}
	}
	if refused == 0 {
		t.Error("no verb is refused")
	}
}
