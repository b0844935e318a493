package lint_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/lint"
)

var update = flag.Bool("update", false, "write the rules' pages and the schema anew")

// TestPages holds the pages in rules/ to the rules: go test ./harness/lint -update.
func TestPages(t *testing.T) {
	for _, r := range lint.Rules() {
		fresh(t, filepath.Join("rules", r.ID+".md"), []byte(lint.Page(r)))
	}
	fresh(t, filepath.Join("rules", "README.md"), []byte(lint.Index()))
	schema, err := ecosystem.Schema()
	if err != nil {
		t.Fatal(err)
	}
	fresh(t, "ecosystem.schema.json", schema)
}

func fresh(t *testing.T, name string, want []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != string(want) {
		t.Errorf("%s is stale (%v): go test ./harness/lint -update", name, err)
	}
}
