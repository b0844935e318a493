package sandbox_test

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
)

//go:embed testdata/forms.txtar
var formsTxtar []byte

//go:embed testdata/oracle.js
var oracleJS []byte

// form is a configuration laid out in a folder of its own.
type form struct{ name, dir, file string }

func forms(t *testing.T) []form {
	t.Helper()
	return laidOut(t, formsTxtar)
}

func laidOut(t *testing.T, archive []byte) []form {
	t.Helper()
	a := txtar.Parse(archive)
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

// oracle is a real Node.
type oracle struct {
	node, version, script string
	cpus                  int
}

// newOracle is the Node at PM2DRILL_NODE, or else the one on PATH.
func newOracle(t *testing.T) oracle {
	t.Helper()
	node := cmp.Or(os.Getenv("PM2DRILL_NODE"), "node")
	out, err := exec.Command(node, "-p", "process.versions.node + ' ' + require('os').cpus().length").Output()
	if err != nil {
		t.Skipf("needs node on PATH: %v", err)
	}
	version, cpus, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	n, err := strconv.Atoi(cpus)
	if err != nil {
		t.Fatal(err)
	}
	o := oracle{node, version, filepath.Join(t.TempDir(), "oracle.js"), n}
	if err := os.WriteFile(o.script, oracleJS, 0o644); err != nil {
		t.Fatal(err)
	}
	return o
}

var environment = map[string]string{"HOME": "/root"}

// ask evaluates a form; failed is what Node says if it cannot.
func (o oracle) ask(t *testing.T, f form) (v ecosystem.Value, failed string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	cmd := exec.CommandContext(ctx, o.node, "--no-warnings", o.script, f.file, string(ecosystem.DialectOf(f.file)))
	cmd.Dir, cmd.Env = f.dir, []string{"HOME=" + environment["HOME"]}
	out, err := cmd.Output()
	if err != nil {
		return v, fmt.Sprintf("node broke: %v", err)
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return answered(lines[len(lines)-1])
}

// answered reads a line of oracle.js.
func answered(line []byte) (v ecosystem.Value, failed string) {
	var answer struct {
		Value *ecosystem.Value `json:"value"`
		Error string           `json:"error"`
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		return v, fmt.Sprintf("node broke: %v", err)
	}
	if answer.Value == nil {
		if answer.Error == "" {
			return ecosystem.Value{Kind: ecosystem.Null}, "" // {"value": null}
		}
		return v, answer.Error
	}
	return *answer.Value, ""
}

func (o oracle) evaluate(t *testing.T, f form) ecosystem.Evaluation {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(f.dir, f.file))
	if err != nil {
		t.Fatal(err)
	}
	return sandbox.Evaluate(ecosystem.Request{Path: f.file, Dialect: ecosystem.DialectOf(f.file), Source: source,
		Target: ecosystem.Target{CPUs: o.cpus, Node: o.version, PM2: "7.0.4", Cwd: f.dir, OS: environment}})
}

// verdict compares the sandbox's answer with Node's; "" where they agree, or where
// the sandbox says that it does not know.
func (o oracle) verdict(t *testing.T, f form) (wrong string, unsupported bool) {
	t.Helper()
	got := o.evaluate(t, f)
	if got.Unsupported != "" {
		return "", true
	}
	want, failed := o.ask(t, f)
	return difference(got, want, failed), false
}

// difference says in what an evaluation that is not unsupported differs from Node's answer.
func difference(got ecosystem.Evaluation, want ecosystem.Value, failed string) string {
	switch {
	case got.Failure != nil && failed != "":
		return ""
	case got.Failure != nil:
		return fmt.Sprintf("fails (%s), and Node has %s", got.Failure.Message, canonical(want))
	case failed != "":
		return fmt.Sprintf("is %s, and Node fails: %s", canonical(got.Value), failed)
	case !decided(got.Value, got.Others, want):
		return fmt.Sprintf("is %s, and in Node %s", canonical(got.Value), canonical(want))
	}
	return ""
}

// steady reports whether Node says the same of a form twice.
func (o oracle) steady(t *testing.T, f form) bool {
	t.Helper()
	first, failed := o.ask(t, f)
	again, failedAgain := o.ask(t, f)
	return failed == failedAgain && canonical(first) == canonical(again)
}

// canonical is a value with its keys in order, which means nothing to PM2. A
// namespace's __esModule means nothing to it either.
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

// TestDaemonsNodeAgrees evaluates every form here and in Node: the same, or here it is
// said to be unsupported.
func TestDaemonsNodeAgrees(t *testing.T) {
	o := newOracle(t)
	unsupported := 0
	all := forms(t)
	for _, f := range all {
		wrong, unsure := o.verdict(t, f)
		if wrong != "" {
			t.Errorf("%s: %s", f.name, wrong)
		}
		if unsure {
			unsupported++
		}
	}
	t.Logf("%d forms on Node %s: %d unsupported, the others the same", len(all), o.version, unsupported)
}
