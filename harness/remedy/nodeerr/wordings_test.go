package nodeerr

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// drivers limits TestWordings to some of the recorded files, and prints what it finds there.
var drivers = flag.String("wordings", "", "comma-separated drivers to look at closely")

// wording is one recorded text (fixtures/wordings).
type wording struct{ Driver, Version, State, Form, Text string }

// expected lists the classes that are exactly right for each state of a server. Any other
// class of an outage is right in kind: a driver that says only "timed out" of a server that
// is dead cannot be read as more.
var expected = map[string][]Class{
	"dead": {Refused}, "dead.both": {Refused}, "unresolved": {Unresolved}, "unresolved.again": {Unresolved}, "unreachable": {Unreachable},
	"no-answer": {Timeout}, "closes": {Reset}, "reset": {Reset}, "starting": {Starting}, "full": {Full}, "password": {Denied}, "tls": {TLS}, "cert": {TLS},
}

// faults are the classes of what an app does to itself.
var faults = map[string]Class{
	"syntax": Syntax, "syntax.esm": Syntax, "export-missing": Syntax, "json.config": BadFile,
	"module-missing": NoModule, "module-missing.file": NoModule, "module-missing.esm": NoModule, "module-missing.esm-file": NoModule,
	"script-missing": NoModule, "preload-missing": NoModule, "preload-missing.import": NoModule, "bad-option.value": NoModule,
	"require-scope": Code, "type": Code, "type.call": Code, "type.server": Code, "type.connection": Code, "reference": Code, "assert": Code,
	"range": Code, "range.port": Code, "argument": Code, "stack": Code, "variable.url": Code,
	"variable.missing": Setting, "variable.required": Setting, "variable.assert": Setting,
	"circular": Serialisation, "bigint": Serialisation, "file-missing": NoFile, "file-directory": NoFile, "port-in-use": PortInUse, "port-not-here": Unreachable,
	"spawn-missing": NoCommand, "bad-option": BadOption, "env-file-missing": NoFile, "heap-exhausted": Heap, "not-allowed": Permission,
}

// verdicts of a reading.
const (
	exact   = "exact"
	kind    = "right in kind"
	unknown = "unknown"
	wrong   = "wrong"
)

// judge holds a reading to what was the matter when the text was recorded.
func judge(w wording) string {
	class := Read(w.Text).Class
	fault, own := faults[w.State]
	switch {
	case class == fault && own, slices.Contains(expected[w.State], class):
		return exact
	case class == Unknown:
		return unknown
	case !saysSomething(w):
		return wrong // it cannot know
	case own && fault.IsOwn() && class.IsOwn():
		return kind
	case own || class.IsOwn() || class == Heap:
		return wrong
	case class.IsOutage(), w.State == "password" && class == Server:
		return kind
	}
	return wrong
}

// TestWordings reads all that real drivers have said: nothing is read as a fault of the app
// that was one of a server, or the other way round, and outages are recognised.
func TestWordings(t *testing.T) {
	count := map[string]int{}
	outages, recognised := 0, 0
	for _, w := range readWordings(t) {
		v := judge(w)
		count[v]++
		class := Read(w.Text).Class
		if v == wrong {
			t.Errorf("%s %s %s is read as %q: %s", w.Driver, w.State, w.Form, class, Clip(w.Text, 300))
		}
		if isLookedAt(w) && v != exact {
			fmt.Printf("%s: %s %s %s %q: %s\n", v, w.Driver, w.State, w.Form, class, Clip(FindHeadline(w.Text), 200))
		}
		if c := expected[w.State]; c != nil && c[0].IsOutage() && saysSomething(w) {
			outages++
			if class.IsOutside() {
				recognised++
			}
		}
	}
	t.Logf("%v; %d of %d outages recognised (%.1f %%)", count, recognised, outages, 100*float64(recognised)/float64(max(outages, 1)))
	if 100*recognised < 98*outages {
		t.Errorf("%d of %d texts of outages are recognised", recognised, outages)
	}
}

// saysSomething reports whether a text holds any word about the error: an AggregateError has
// no message, and bunyan without serialisers leaves out all but codes.
func saysSomething(w wording) bool {
	return strings.TrimSpace(w.Text) != "Startup failed:" && !strings.Contains(w.Text, `"err":{},"msg":"cannot start"`)
}

func isLookedAt(w wording) bool { return slices.Contains(strings.Split(*drivers, ","), w.Driver) }

// readWordings reads what is recorded, or what -wordings names of it.
func readWordings(t testing.TB) []wording {
	files, err := filepath.Glob("testdata/wordings/*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var out []wording
	seen := map[string]bool{}
	for _, name := range files {
		if filepath.Base(name) == "silent.jsonl" {
			continue
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var w wording
			if err := json.Unmarshal(lines.Bytes(), &w); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if *drivers == "" || isLookedAt(w) {
				out = append(out, w)
				seen[w.Driver] = true
			}
		}
		f.Close()
	}
	if *drivers == "" && len(seen) < 40 {
		t.Errorf("only %d drivers are recorded: %v", len(seen), slices.Sorted(maps.Keys(seen)))
	}
	return out
}
