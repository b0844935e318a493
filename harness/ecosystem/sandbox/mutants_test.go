package sandbox_test

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/form"
)

//go:embed testdata/many.js
var manyJS []byte

// alone is how often an answer is asked of a process of its own, too.
const alone = 50

// many is an oracle that answers in one process, and in a new one where a configuration
// ended that.
type many struct {
	oracle
	script string
	in     io.WriteCloser
	out    *bufio.Reader
}

func newMany(t *testing.T, o oracle) *many {
	t.Helper()
	m := &many{oracle: o, script: filepath.Join(t.TempDir(), "many.js")}
	if err := os.WriteFile(m.script, manyJS, 0o644); err != nil {
		t.Fatal(err)
	}
	m.start(t)
	return m
}

func (m *many) start(t *testing.T) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), m.node, "--no-warnings", m.script, m.oracle.script, environment["HOME"])
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	m.in, m.out = in, bufio.NewReader(out)
}

func (m *many) ask(t *testing.T, f form.Form) (v ecosystem.Value, failed string) {
	t.Helper()
	question := map[string]string{"dir": f.Dir, "file": f.File, "dialect": string(ecosystem.DialectOf(f.File))}
	err := json.NewEncoder(m.in).Encode(question)
	if err == nil {
		var line []byte
		if line, err = m.out.ReadBytes('\n'); err == nil {
			return answered(line)
		}
	}
	m.start(t)
	return m.oracle.ask(t, f)
}

// verdict is that of the oracle. A thread of Node is not quite a process: what differs is
// asked of a process, and so is each fiftieth answer.
func (m *many) verdict(t *testing.T, f form.Form, i int) (wrong string, unsupported bool) {
	t.Helper()
	got := m.evaluate(t, f)
	if got.Unsupported != "" {
		return "", true
	}
	want, failed := m.ask(t, f)
	if difference(got, want, failed) == "" && i%alone != 0 {
		return "", false
	}
	want, failed = m.oracle.ask(t, f)
	return difference(got, want, failed), false
}

// TestDaemonsNodeAgreesOnMutants holds the sandbox to Node with forms that were changed by
// chance: PM2DRILL_MUTANTS of them.
func TestDaemonsNodeAgreesOnMutants(t *testing.T) {
	o := newOracle(t)
	n, err := strconv.Atoi(os.Getenv("PM2DRILL_MUTANTS"))
	if err != nil {
		n = 100
	}
	var unsupported atomic.Int32
	t.Run("lanes", func(t *testing.T) {
		for lane := range lanes {
			t.Run(strconv.Itoa(lane), func(t *testing.T) {
				t.Parallel()
				unsupported.Add(int32(mutate(t, o, lane, n)))
			})
		}
	})
	t.Logf("%d mutants on Node %s: %d unsupported, the others the same", n, o.version, unsupported.Load())
}

// lanes is how many mutants are in work at once, each lane with files and a Node of its
// own.
const lanes = 4

// mutate holds each lanes-th of n mutants to Node, and returns how many are unsupported.
func mutate(t *testing.T, o oracle, lane, n int) (unsupported int) {
	t.Helper()
	m := newMany(t, o)
	all := append(forms(t), laidOut(t, everydayTxtar)...)
	r := rand.New(rand.NewPCG(1, uint64(2+lane)))
	for i := lane; i < n; i += lanes {
		if i%1000 == 999 {
			t.Logf("%d of %d", i+1, n)
		}
		f := all[r.IntN(len(all))]
		path := filepath.Join(f.Dir, f.File)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		after := mutated(string(before), r)
		if err := os.WriteFile(path, []byte(after), 0o644); err != nil {
			t.Fatal(err)
		}
		wrong, unsure := m.verdict(t, f, i)
		if wrong != "" && !m.steady(t, f) {
			wrong = "" // it reads the clock
		}
		if wrong != "" {
			t.Errorf("mutant %d of %s: %s\n%s", i, f.Name, wrong, after)
		}
		if unsure {
			unsupported++
		}
		if err := os.WriteFile(path, before, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return unsupported
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
