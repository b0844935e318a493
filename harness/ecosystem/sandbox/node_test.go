package sandbox_test

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
	a := txtar.Parse(formsTxtar)
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
	version, script string
	cpus            int
}

func newOracle(t *testing.T) oracle {
	t.Helper()
	out, err := exec.Command("node", "-p", "process.versions.node + ' ' + require('os').cpus().length").Output()
	if err != nil {
		t.Skip("needs node on PATH")
	}
	version, cpus, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	n, err := strconv.Atoi(cpus)
	if err != nil {
		t.Fatal(err)
	}
	o := oracle{version, filepath.Join(t.TempDir(), "oracle.js"), n}
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
	cmd := exec.CommandContext(ctx, "node", "--no-warnings", o.script, f.file, string(ecosystem.DialectOf(f.file)))
	cmd.Dir, cmd.Env = f.dir, []string{"HOME=" + environment["HOME"]}
	out, err := cmd.Output()
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	var answer struct {
		Value *ecosystem.Value `json:"value"`
		Error string           `json:"error"`
	}
	if err != nil || json.Unmarshal(lines[len(lines)-1], &answer) != nil {
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
	switch {
	case got.Failure != nil && failed != "":
		return "", false
	case got.Failure != nil:
		return fmt.Sprintf("fails (%s), and Node has %s", got.Failure.Message, canonical(want)), false
	case failed != "":
		return fmt.Sprintf("is %s, and Node fails: %s", canonical(got.Value), failed), false
	case canonical(got.Value) != canonical(want):
		return fmt.Sprintf("is %s, and in Node %s", canonical(got.Value), canonical(want)), false
	}
	return "", false
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

// TestDaemonsNodeAgreesOnMutants does it with forms that were changed by chance.
func TestDaemonsNodeAgreesOnMutants(t *testing.T) {
	o := newOracle(t)
	n, err := strconv.Atoi(os.Getenv("PM2DRILL_MUTANTS"))
	if err != nil {
		n = 100
	}
	all := forms(t)
	r := rand.New(rand.NewPCG(1, 2))
	unsupported := 0
	for i := range n {
		f := all[r.IntN(len(all))]
		path := filepath.Join(f.dir, f.file)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		after := mutated(string(before), r)
		if err := os.WriteFile(path, []byte(after), 0o644); err != nil {
			t.Fatal(err)
		}
		wrong, unsure := o.verdict(t, f)
		if wrong != "" && !o.steady(t, f) {
			wrong = "" // it reads the clock
		}
		if wrong != "" {
			t.Errorf("mutant %d of %s: %s\n%s", i, f.name, wrong, after)
		}
		if unsure {
			unsupported++
		}
		if err := os.WriteFile(path, before, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d mutants on Node %s: %d unsupported, the others the same", n, o.version, unsupported)
}

var word = regexp.MustCompile(`[A-Za-z_$]+|\d+|'[^'\n]*'|[^\sA-Za-z_$0-9']`)

// mutated changes one word of a text: takes it away, doubles it, puts another of the
// text or of a list in its place.
func mutated(text string, r *rand.Rand) string {
	at := word.FindAllStringIndex(text, -1)
	if len(at) == 0 {
		return text
	}
	m := at[r.IntN(len(at))]
	other := at[r.IntN(len(at))]
	pool := []string{"0", "-1", "null", "undefined", "''", "{}", "[]", "NaN", "1e9", "true", "new Date(0)", "...", "?.", "=>", "typeof", "void 0", "require", "this", "`x`", "0x1F"}
	swap := []string{"", text[m[0]:m[1]] + " " + text[m[0]:m[1]], text[other[0]:other[1]], pool[r.IntN(len(pool))]}
	return text[:m[0]] + swap[r.IntN(len(swap))] + text[m[1]:]
}
