package lint_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
	"github.com/pm2drill/pm2drill/harness/lint"
)

// TestRules holds each rule to its file in testdata: the configuration under hit has
// it, on the line that says so, and the one under miss, which is as near as can be,
// has not.
func TestRules(t *testing.T) {
	for _, r := range lint.Rules() {
		if r.ID[0] == 'R' {
			continue // TestRollout has them
		}
		t.Run(r.ID, func(t *testing.T) {
			dir, target := unpack(t, "testdata/"+r.ID+".txtar")
			found := check(t, filepath.Join(dir, "hit"), target)
			i := slices.IndexFunc(found, func(f lint.Finding) bool { return f.Rule == r.ID })
			if i < 0 {
				t.Fatalf("not found; found %v", ids(found))
			}
			f := found[i]
			if want := wanted(t, filepath.Join(dir, "hit"), r.ID); want > 0 && f.Line != want {
				t.Errorf("found on line %d, want %d", f.Line, want)
			}
			if f.Message == "" || f.Fix == "" || r.Why == "" || r.Source == "" || f.Severity == "" {
				t.Errorf("the finding or its rule says too little: %+v", f)
			}
			if near := check(t, filepath.Join(dir, "miss"), target); slices.Contains(ids(near), r.ID) {
				t.Errorf("the near miss is found: %v", near)
			}
		})
	}
}

func TestEveryFixtureHasARule(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, ok := lint.Find(strings.TrimSuffix(filepath.Base(f), ".txtar")); !ok {
			t.Errorf("%s is of no rule", f)
		}
	}
}

func ids(all []lint.Finding) []string {
	var out []string
	for _, f := range all {
		out = append(out, f.Rule)
	}
	return out
}

// unpack lays an archive out in a folder. Lines before its first file describe the
// target.
func unpack(t *testing.T, archive string) (dir string, target ecosystem.Target) {
	t.Helper()
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for _, f := range a.Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	target = ecosystem.Target{CPUs: 4, Node: "26.10.0", PM2: "7.0.4", OS: map[string]string{"HOME": "/root"}}
	for line := range strings.Lines(string(a.Comment)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch key {
		case "node":
			target.Node = value
		case "env":
			target.Env = value
		case "memory":
			n, err := strconv.Atoi(strings.TrimSuffix(value, "G"))
			if err != nil {
				t.Fatal(err)
			}
			target.Memory = int64(n) << 30
		}
	}
	return dir, target
}

// config is the configuration in a folder.
func config(t *testing.T, dir string) string {
	t.Helper()
	var found string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if strings.HasPrefix(filepath.Base(path), "ecosystem.") {
			found = path
		}
		return err
	})
	if err != nil || found == "" {
		t.Fatalf("no configuration in %s: %v", dir, err)
	}
	return found
}

func check(t *testing.T, dir string, target ecosystem.Target) []lint.Finding {
	t.Helper()
	path := config(t, dir)
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	target.Cwd = dir
	req := ecosystem.Request{Path: path, Dialect: ecosystem.DialectOf(strings.TrimPrefix(path, dir)), Source: source, Target: target}
	loaded := sandbox.Evaluate(req)
	if loaded.Unsupported != "" {
		t.Fatalf("unsupported: %s", loaded.Unsupported)
	}
	s := lint.NewSubject(req, loaded, lint.Host{})
	found, _ := lint.Suppress(s, lint.Check(s, lint.Rules()))
	return found
}

// wanted is the line on which the configuration says that the rule is broken, 0 if it
// does not say.
func wanted(t *testing.T, dir, id string) int {
	t.Helper()
	source, err := os.ReadFile(config(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(source), "\n") {
		if strings.HasSuffix(line, "want "+id) {
			return i + 1
		}
	}
	return 0
}
