package node_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/node"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
)

// here is the Node at PM2DRILL_NODE, or the one on PATH.
func here(t *testing.T, dir string) *node.Host {
	t.Helper()
	h, err := node.NewHost(t.Context(), cmp.Or(os.Getenv("PM2DRILL_NODE"), "node"), dir)
	if err != nil {
		t.Skipf("needs node: %v", err)
	}
	return h
}

// form is a configuration laid out in a folder of its own.
type form struct{ name, dir, file string }

func laidOut(t *testing.T, archive string) []form {
	t.Helper()
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var out []form
	for _, f := range a.Files {
		name, file, _ := strings.Cut(f.Name, "/")
		if len(out) == 0 || out[len(out)-1].name != name {
			out = append(out, form{name, filepath.Join(root, name), file})
		}
		path := filepath.Join(root, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func (f form) request(t *testing.T, version string) ecosystem.Request {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(f.dir, f.file))
	if err != nil {
		t.Fatal(err)
	}
	return ecosystem.Request{Path: f.file, Dialect: ecosystem.DialectOf(f.file), Source: source,
		Target: ecosystem.Target{CPUs: 3, Node: version, PM2: "7.0.4", Cwd: f.dir, OS: map[string]string{"HOME": "/root", "PATH": "/usr/bin"}}}
}

// TestAgreesWithTheSandbox evaluates every form by both: where the sandbox knows what comes
// of it, Node says the same, decided or not.
func TestAgreesWithTheSandbox(t *testing.T) {
	both, more := 0, 0
	for _, archive := range []string{"forms", "everyday"} {
		for _, f := range laidOut(t, "../sandbox/testdata/"+archive+".txtar") {
			h := here(t, f.dir)
			req := f.request(t, h.Version)
			if req.Dialect == ecosystem.App || !strings.Contains(f.name, os.Getenv("PM2DRILL_FORM")) {
				continue
			}
			closed := sandbox.Evaluate(req)
			real, err := node.Evaluate(context.Background(), h, req)
			switch {
			case err != nil:
				t.Fatal(err)
			case closed.Unsupported != "" && real.Unsupported == "":
				more++
			case closed.Unsupported == "" && len(closed.Absent) == 0:
				both++
				if why := differs(closed, real); why != "" {
					t.Errorf("%s: %s", f.name, why)
				}
			}
		}
	}
	t.Logf("%d forms are evaluated by both, and %d by Node alone", both, more)
	if both < 200 || more == 0 {
		t.Error("that is too few to prove anything")
	}
}

// differs says in what two evaluations differ of which a rule would see something.
func differs(closed, real ecosystem.Evaluation) string {
	switch {
	case real.Unsupported != "":
		return "Node does not know " + real.Unsupported
	case (closed.Failure == nil) != (real.Failure == nil):
		return show(closed) + " in the sandbox, " + show(real) + " in Node"
	case closed.Failure != nil && (closed.Failure.Class != real.Failure.Class || closed.Failure.Module != real.Failure.Module):
		return "fails as " + string(closed.Failure.Class) + " and as " + string(real.Failure.Class) + ": " + real.Failure.Message
	case closed.Failure != nil && closed.Failure.Line > 0 && closed.Failure.Line != real.Failure.Line:
		return "fails elsewhere: " + show(closed) + ", " + show(real)
	case closed.Failure != nil:
		return ""
	case canonical(closed.Value) != canonical(real.Value) && len(closed.Others) == 0:
		return canonical(closed.Value) + " in the sandbox, " + canonical(real.Value) + " in Node"
	case strings.Join(undecided(closed), " ") != strings.Join(undecided(real), " "):
		return "undecided: " + strings.Join(undecided(closed), " ") + ", and in Node " + strings.Join(undecided(real), " ")
	case !slices.Equal(names(closed.Effects), names(real.Effects)):
		return "effects: " + strings.Join(names(closed.Effects), "; ") + ", and in Node " + strings.Join(names(real.Effects), "; ")
	}
	return ""
}

func show(e ecosystem.Evaluation) string {
	if e.Failure != nil {
		return fmt.Sprintf("%s: %s (%d:%d)", e.Failure.Class, e.Failure.Message, e.Failure.Line, e.Failure.Col)
	}
	return canonical(e.Value)
}

// names are the effects, each once.
func names(effects []ecosystem.Effect) []string {
	var out []string
	for _, e := range effects {
		out = append(out, e.What+": "+e.Call)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// undecided are the paths at which an evaluation's values differ.
func undecided(e ecosystem.Evaluation) []string {
	var out []string
	for _, other := range e.Others {
		out = append(out, apart("", e.Value, other)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func apart(at string, a, b ecosystem.Value) []string {
	if a.Inspect() == b.Inspect() {
		return nil
	}
	var out []string
	if a.Is(ecosystem.Array) && b.Is(ecosystem.Array) && len(a.Items) == len(b.Items) {
		for i := range a.Items {
			out = append(out, apart(at+"[]", a.Items[i], b.Items[i])...)
		}
		return out
	}
	if !a.Is(ecosystem.Object) || !b.Is(ecosystem.Object) || len(a.Fields) != len(b.Fields) {
		return []string{at}
	}
	for _, f := range a.Fields {
		out = append(out, apart(at+"."+f.Key, f.Value, b.Get(f.Key))...)
	}
	return out
}

// canonical is a value with its keys in order, which means nothing to PM2. A namespace's
// __esModule means nothing to it either.
func canonical(v ecosystem.Value) string {
	v = v.Copy()
	sortKeys(&v)
	return v.Inspect()
}

func sortKeys(v *ecosystem.Value) {
	v.Delete("__esModule")
	slices.SortFunc(v.Fields, func(a, b ecosystem.Field) int { return strings.Compare(a.Key, b.Key) })
	for i := range v.Fields {
		sortKeys(&v.Fields[i].Value)
	}
	for i := range v.Items {
		sortKeys(&v.Items[i])
	}
}
