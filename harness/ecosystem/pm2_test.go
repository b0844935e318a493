package ecosystem

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

//go:embed testdata/verify.js
var verifyJS []byte

// generated is how many configurations are tried.
const generated = 1500

// TestDaemonVerifyAgreesWithPM2 puts generated configurations through PM2's own checks
// and through ours: the same verdict, and the same values where they pass.
func TestDaemonVerifyAgreesWithPM2(t *testing.T) {
	if os.Getenv("PM2DRILL_DAEMON_TEST") == "" {
		t.Skip("needs PM2: images/in-container.sh ./harness/ecosystem")
	}
	lib, version := installed(t)
	target := Target{CPUs: 4, Node: "26.10.0", PM2: version}
	r := rand.New(rand.NewPCG(7, 4))
	apps := make([]Value, generated)
	var text strings.Builder
	for i := range apps {
		apps[i] = random(r)
		text.WriteString(apps[i].Inspect() + "\n")
	}
	answers := ask(t, lib, text.String())
	wrong := 0
	for i, app := range apps {
		ready, rejected := Verify([]Value{app}, target)
		if why := differs(ready, rejected, answers[i]); why != "" {
			if wrong++; wrong < 20 {
				t.Errorf("%s\n  %s", app.Inspect(), why)
			}
		}
	}
	t.Logf("%d configurations on PM2 %s, %d differ", generated, version, wrong)
}

// answer is what PM2 makes of a configuration.
type answer struct {
	Value   *Value `json:"value"`
	Refused string `json:"refused"`
	Threw   string `json:"threw"`
}

func differs(ready []Value, rejected *Rejection, a answer) string {
	switch {
	case rejected != nil && a.Value != nil:
		return "refused here (" + rejected.Error() + "), and PM2 takes it"
	case rejected == nil && a.Value == nil:
		return "taken here, and PM2 says " + a.Refused + a.Threw
	case rejected != nil && rejected.Threw != (a.Threw != ""):
		return "here it is " + rejected.Error() + ", and PM2 says " + a.Refused + a.Threw
	case rejected != nil:
		return ""
	}
	got, want := ready[0].Copy(), a.Value.Copy()
	for _, v := range []*Value{&got, &want} {
		v.Delete("username")
		slices.SortFunc(v.Fields, func(x, y Field) int { return strings.Compare(x.Key, y.Key) })
	}
	if got.Inspect() != want.Inspect() {
		return "here:    " + got.Inspect() + "\n  in PM2:  " + want.Inspect()
	}
	return ""
}

func ask(t *testing.T, lib, apps string) []answer {
	t.Helper()
	dir := t.TempDir()
	script, list := filepath.Join(dir, "verify.js"), filepath.Join(dir, "apps.txt")
	for name, data := range map[string][]byte{script: verifyJS, list: []byte(apps)} {
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("node", script, lib, list)
	cmd.Env = append(os.Environ(), "PM2_SILENT=true", "PM2_HOME="+dir)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("cannot ask PM2: %v", err)
	}
	var all []answer
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var a answer
		if json.Unmarshal(lines.Bytes(), &a) == nil && (a.Value != nil || a.Refused != "" || a.Threw != "") {
			all = append(all, a)
		}
	}
	if len(all) != generated {
		t.Fatalf("PM2 has answered %d of %d", len(all), generated)
	}
	return all
}

// installed is where PM2 is, and its version.
func installed(t *testing.T) (dir, version string) {
	t.Helper()
	command, err := exec.LookPath("pm2")
	if err != nil {
		t.Fatal(err)
	}
	if command, err = filepath.EvalSymlinks(command); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Dir(filepath.Dir(command))
	raw, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	return dir, p.Version
}

// random is an app with some keys that PM2 knows and some that it does not, of values
// that people write and of some that nobody does. What depends on the host's users and
// packages is left out.
func random(r *rand.Rand) Value {
	var names []string
	for _, s := range Settings() {
		if !slices.Contains([]string{"uid", "gid", "trace", "deep_monitoring"}, s.Key) {
			names = append(names, s.Key)
			names = append(names, s.AllAliases()...)
		}
	}
	names = append(names, "cmd", "command", "env_production", "env_file", "env_", "unknown", "Name", "exec_mode", "instances", "script", "cron_restart", "cron", "max_memory_restart", "min_uptime")
	v := Value{Kind: Object}
	if r.IntN(4) > 0 {
		v.Set("script", Value{Kind: String, Text: "server.js"})
	}
	for range 1 + r.IntN(6) {
		v.Set(names[r.IntN(len(names))], someValue(r))
	}
	return v
}

func someValue(r *rand.Rand) Value {
	texts := []string{"", " ", "0", "5", "-1", "max", "MAX", "1.5G", "512M", "300MB", "10K", "1G", "5s", "2h", "30", "true", "false", "fork", "cluster", "cluster_mode",
		"* * * * *", "0 4 * * 1-5", "*/70 * * * *", "@daily", "1,2-3 * * * *", "a b", "--x=\"1 2\" y", "'q' \"r\"", "server.js", "./a/b.test.js", "/x/y/", " 12 ", "1e3", "0x10", "Infinity", "50%", "1.5", "node", "\"", "a=b 'c d'"}
	numbers := []float64{0, 1, 2, -1, 1.5, 99, 100, 1000, 1e9, 1 << 20, math.NaN(), math.Inf(1), math.Inf(-1)}
	switch r.IntN(10) {
	case 0, 1, 2, 3:
		return Value{Kind: String, Text: texts[r.IntN(len(texts))]}
	case 4, 5:
		return Value{Kind: Number, Num: numbers[r.IntN(len(numbers))]}
	case 6:
		return Value{Kind: Bool, True: r.IntN(2) == 0}
	case 7:
		return []Value{{Kind: Undefined}, {Kind: Null}}[r.IntN(2)]
	case 8:
		out := Value{Kind: Array}
		for range r.IntN(3) {
			out.Items = append(out.Items, []Value{{Kind: String, Text: texts[r.IntN(len(texts))]}, {Kind: Number, Num: float64(r.IntN(3))}, {Kind: Null}}[r.IntN(3)])
		}
		return out
	}
	out := Value{Kind: Object}
	for range r.IntN(3) {
		out.Set([]string{"A", "PORT", "name"}[r.IntN(3)], Value{Kind: Number, Num: float64(r.IntN(9))})
	}
	return out
}

// TestDaemonBinaryAgreesWithPM2 asks PM2's own test of binaries about made-up heads of
// files.
func TestDaemonBinaryAgreesWithPM2(t *testing.T) {
	if os.Getenv("PM2DRILL_DAEMON_TEST") == "" {
		t.Skip("needs PM2: images/in-container.sh ./harness/ecosystem")
	}
	lib, _ := installed(t)
	r := rand.New(rand.NewPCG(5, 12))
	dir := t.TempDir()
	var heads [][]byte
	for i := range generated {
		head := someHead(r)
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), head, 0o644); err != nil {
			t.Fatal(err)
		}
		heads = append(heads, head)
	}
	const script = `const [, lib, dir, n] = process.argv; const test = require(lib + "/lib/tools/isbinaryfile.js");
console.log(Array.from({ length: +n }, (_, i) => +test(dir + "/" + i)).join(""))`
	out, err := exec.Command("node", "-e", script, lib, dir, strconv.Itoa(generated)).Output()
	if err != nil {
		t.Fatal(err)
	}
	binaries := 0
	for i, head := range heads {
		want := out[i] == '1'
		if want {
			binaries++
		}
		if got := isBinary(head); got != want {
			t.Errorf("%q: binary: %v here, %v in PM2", head, got, want)
		}
	}
	t.Logf("%d heads, of which PM2 takes %d for binaries", generated, binaries)
}

// someHead is text with more or less of what is none, of any length.
func someHead(r *rand.Rand) []byte {
	pieces := []string{"a", "\n", "é", "€", "\U0001F600", "\x80", "\xff", "\x05", "\xe9", "#!/bin/sh\n", "\xEF\xBB\xBF", "const x = 1;\n"}
	if r.IntN(8) == 0 {
		pieces = append(pieces, "\x00")
	}
	kinds := 1 + r.IntN(len(pieces))
	var b []byte
	for len(b) < r.IntN(700) {
		b = append(b, pieces[r.IntN(kinds)]...)
	}
	return b
}
