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

// TestRules holds each rule to its file in testdata: the configurations in hit, hit-...
// have it, on the line that says so, and those in miss, miss-..., which are as near as
// can be, have not. A line "want ID: TEXT" asks for the text in what is said or
// advised, "want ID severity" for the severity.
func TestRules(t *testing.T) {
	for _, r := range lint.Rules() {
		if r.ID[0] == 'R' {
			continue // TestRollout has them
		}
		t.Run(r.ID, func(t *testing.T) {
			dir, target := unpack(t, "testdata/"+r.ID+".txtar")
			hits, misses := 0, 0
			for _, name := range cases(t, dir) {
				found := check(t, filepath.Join(dir, name), target)
				if strings.HasPrefix(name, "miss") {
					if misses++; slices.Contains(ids(found), r.ID) {
						t.Errorf("%s: the near miss is found: %v", name, ids(found))
					}
					continue
				}
				hits++
				holds(t, name, r, found, wanted(t, filepath.Join(dir, name), r.ID))
			}
			if hits == 0 || misses == 0 {
				t.Errorf("there are %d hits and %d near misses", hits, misses)
			}
		})
	}
}

// cases are the folders of an archive that was unpacked.
func cases(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() && (strings.HasPrefix(e.Name(), "hit") || strings.HasPrefix(e.Name(), "miss")) {
			out = append(out, e.Name())
		}
	}
	return out
}

// holds looks for the finding that a case is to have.
func holds(t *testing.T, name string, r lint.Rule, found []lint.Finding, want want) {
	t.Helper()
	i := slices.IndexFunc(found, func(f lint.Finding) bool { return f.Rule == r.ID })
	if i < 0 {
		t.Fatalf("%s: not found; found %v", name, ids(found))
	}
	f := found[i]
	whole := f.App == ecosystem.TopLevel && f.Line == 0 // the text does not show where
	if want.line > 0 && f.Line != want.line && !whole {
		t.Errorf("%s: found on line %d, want %d", name, f.Line, want.line)
	}
	if want.severity != "" && f.Severity != want.severity {
		t.Errorf("%s: it is %s, want %s", name, f.Severity, want.severity)
	}
	if !strings.Contains(f.Message+" "+f.Fix, want.text) {
		t.Errorf("%s: %q is not in: %s Fix: %s", name, want.text, f.Message, f.Fix)
	}
	if f.Message == "" || f.Fix == "" || r.Why == "" || r.Source == "" || f.Severity == "" {
		t.Errorf("%s: the finding or its rule says too little: %+v", name, f)
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
		case "pm2":
			target.PM2 = value
		case "env":
			target.Env = value
		case "os-env":
			name, text, _ := strings.Cut(value, "=")
			target.OS[name] = text
		case "target":
			target.Route = ecosystem.Route(value)
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
	s := subject(t, dir, target)
	found, _ := lint.Suppress(s, lint.Check(s, lint.Rules()))
	return found
}

// subject is the configuration in a folder, evaluated.
func subject(t *testing.T, dir string, target ecosystem.Target) *lint.Subject {
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
	return lint.NewSubject(req, loaded, lint.Host{})
}

// want is what a configuration says of the finding that it is to have.
type want struct {
	line     int // 0 if it does not say
	severity lint.Severity
	text     string
}

// wanted reads the last comment of the configuration about the rule.
func wanted(t *testing.T, dir, id string) want {
	t.Helper()
	source, err := os.ReadFile(config(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(source), "\n") {
		_, said, ok := strings.Cut(line, "want "+id)
		if !ok {
			continue
		}
		severity, text, _ := strings.Cut(said, ":")
		return want{i + 1, lint.Severity(strings.TrimSpace(severity)), strings.TrimSpace(text)}
	}
	return want{}
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
