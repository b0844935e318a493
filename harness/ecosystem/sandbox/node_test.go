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
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/form"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
)

//go:embed testdata/forms.txtar
var formsTxtar []byte

//go:embed testdata/oracle.js
var oracleJS []byte

func forms(t *testing.T) []form.Form {
	t.Helper()
	return laidOut(t, formsTxtar)
}

func laidOut(t *testing.T, archive []byte) []form.Form {
	t.Helper()
	out, err := form.LayOut(archive, t.TempDir())
	if err != nil {
		t.Fatal(err)
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
func (o oracle) ask(t *testing.T, f form.Form) (v ecosystem.Value, failed string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	cmd := exec.CommandContext(ctx, o.node, "--no-warnings", o.script, f.File, string(ecosystem.DialectOf(f.File)))
	cmd.Dir, cmd.Env = f.Dir, []string{"HOME=" + environment["HOME"]}
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

func (o oracle) evaluate(t *testing.T, f form.Form) ecosystem.Evaluation {
	t.Helper()
	req, err := f.Request(ecosystem.Target{CPUs: o.cpus, Node: o.version, PM2: "7.0.4", OS: environment})
	if err != nil {
		t.Error(err)
	}
	return sandbox.Evaluate(req)
}

// verdict compares the sandbox's answer with Node's; "" where they agree, or where
// the sandbox says that it does not know.
func (o oracle) verdict(t *testing.T, f form.Form) (wrong string, unsupported bool) {
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
		return fmt.Sprintf("fails (%s), and Node has %s", got.Failure.Message, form.Canonical(want))
	case failed != "":
		return fmt.Sprintf("is %s, and Node fails: %s", form.Canonical(got.Value), failed)
	case !decided(got.Value, got.Others, want):
		return fmt.Sprintf("is %s, and in Node %s", form.Canonical(got.Value), form.Canonical(want))
	}
	return ""
}

// steady reports whether Node says the same of a form twice.
func (o oracle) steady(t *testing.T, f form.Form) bool {
	t.Helper()
	first, failed := o.ask(t, f)
	again, failedAgain := o.ask(t, f)
	return failed == failedAgain && form.Canonical(first) == form.Canonical(again)
}

// TestDaemonsNodeAgrees evaluates every form here and in Node: the same, or here it is
// said to be unsupported.
func TestDaemonsNodeAgrees(t *testing.T) {
	o := newOracle(t)
	all := forms(t)
	var unsupported atomic.Int32
	form.Each(all, func(f form.Form) {
		wrong, unsure := o.verdict(t, f)
		if wrong != "" {
			t.Errorf("%s: %s", f.Name, wrong)
		}
		if unsure {
			unsupported.Add(1)
		}
	})
	t.Logf("%d forms on Node %s: %d unsupported, the others the same", len(all), o.version, unsupported.Load())
}
