package node_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/form"
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

func laidOut(t *testing.T, archive string) []form.Form {
	t.Helper()
	raw, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	out, err := form.LayOut(raw, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func request(t *testing.T, f form.Form, version string) ecosystem.Request {
	t.Helper()
	req, err := f.Request(ecosystem.Target{CPUs: 3, Node: version, PM2: "7.0.4", OS: map[string]string{"HOME": "/root", "PATH": "/usr/bin"}})
	if err != nil {
		t.Error(err)
	}
	return req
}

// TestAgreesWithTheSandbox evaluates every form by both: where the sandbox knows what comes
// of it, Node says the same, decided or not.
func TestAgreesWithTheSandbox(t *testing.T) {
	t.Parallel()
	h := here(t, "/")
	var both, more atomic.Int32
	for _, archive := range []string{"forms", "everyday"} {
		form.Each(laidOut(t, "../sandbox/testdata/"+archive+".txtar"), func(f form.Form) {
			req := request(t, f, h.Version)
			if req.Dialect == ecosystem.App || !strings.Contains(f.Name, os.Getenv("PM2DRILL_FORM")) {
				return
			}
			closed := sandbox.Evaluate(req)
			real, err := node.Evaluate(context.Background(), h.In(f.Dir), req)
			switch {
			case err != nil:
				t.Errorf("%s: %v", f.Name, err)
			case closed.Unsupported != "" && real.Unsupported == "":
				more.Add(1)
			case closed.Unsupported == "" && len(closed.Absent) == 0:
				both.Add(1)
				if why := differs(closed, real); why != "" {
					t.Errorf("%s: %s", f.Name, why)
				}
			}
		})
	}
	t.Logf("%d forms are evaluated by both, and %d by Node alone", both.Load(), more.Load())
	if both.Load() < 200 || more.Load() == 0 {
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
	case form.Canonical(closed.Value) != form.Canonical(real.Value) && len(closed.Others) == 0:
		return form.Canonical(closed.Value) + " in the sandbox, " + form.Canonical(real.Value) + " in Node"
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
	return form.Canonical(e.Value)
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
