package yaml_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/yaml"
)

func evaluate(text, pm2 string) ecosystem.Evaluation {
	return yaml.Evaluate(ecosystem.Request{Path: "ecosystem.yml", Dialect: ecosystem.YAML, Source: []byte(text), Target: ecosystem.Target{PM2: pm2}})
}

// TestEvaluate holds values, which differ between versions of PM2's js-yaml. The tests of
// the image hold all forms to js-yaml itself.
func TestEvaluate(t *testing.T) {
	for _, x := range []struct{ text, newer, older string }{
		{"a: 1_000", `{a: "1_000"}`, `{a: 1000}`},
		{"a: 0b1_0", `{a: "0b1_0"}`, `{a: 2}`},
		{"a: 1_", `{a: "1_"}`, `{a: "1_"}`},
		{"a: 1e999", `{a: "1e999"}`, `{a: Infinity}`},
		{"a: 0o17\nb: 017\nc: 0x1F", `{a: 15, b: 17, c: 31}`, ""},
		{"a: yes\nb: True\nc: ~\nd: .inf", `{a: "yes", b: true, c: null, d: Infinity}`, ""},
		{"a: 2024-01-31\nb: 12:30", `{a: [Date], b: "12:30"}`, ""},
		{"a: !!binary aGk=\nb: !!set {c}", `{a: [Uint8Array], b: {c: null}}`, ""},
		{"a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}", `{a: {x: 1, y: 2}, b: {x: 1, y: 3}}`, ""},
		{"a: &a [*a]", `{a: [[Object]]}`, ""},
		{"[a, b]: 1", `{a,b: 1}`, ""},
		{"", "undefined", ""},
		{"# nothing", "null", ""},
	} {
		for pm2, want := range map[string]string{"7.0.4": x.newer, "6.0.14": max(x.older, x.newer)} {
			if x.older != "" && pm2 == "6.0.14" {
				want = x.older
			}
			if got := evaluate(x.text, pm2); got.Failure != nil || got.Unsupported != "" || got.Value.Inspect() != want {
				t.Errorf("%q on PM2 %s: %s, %+v, %q; want %s", x.text, pm2, got.Value.Inspect(), got.Failure, got.Unsupported, want)
			}
		}
	}
}

func TestEvaluateRefuses(t *testing.T) {
	for _, x := range []struct{ text, want string }{
		{"apps:\n\t- name: a\n", "2:1: a tab cannot indent YAML: use spaces"},
		{"name: @scope/app", `1:7: plain text cannot begin with @: put it in quotes`},
		{"name: \"web\nscript: a.js\n", "1:7: the quote that opens here is not closed"},
		{"a: 1\nb: 2\na: 3", `3:1: the key "a" occurs twice in one mapping`},
		{"a: [b, c\nd: e", "2:2: a comma or a closing ] is missing before this"},
		{"a: *x", "1:4: no anchor of this name stands before the alias: text that begins with * belongs in quotes"},
		{"a: !env X", "1:4: PM2's parser does not know this tag: text that begins with ! belongs in quotes"},
		{"a: 1\n---\nb: 2", "2:1: the file has more than one document; PM2 reads exactly one"},
		{"apps:\n  - name: a\n    script:b\n", "3:5: a colon and a space are missing after the key"},
		{strings.Repeat("[", 150), "1:111: the values are nested deeper than 100"},
	} {
		got := evaluate(x.text, "7.0.4")
		if got.Failure == nil {
			t.Errorf("%.60q: %s, %q", x.text, got.Value.Inspect(), got.Unsupported)
			continue
		}
		if said := fmt.Sprintf("%d:%d: %s", got.Failure.Line, got.Failure.Col, got.Failure.Message); said != x.want || got.Failure.Class != ecosystem.Syntax {
			t.Errorf("%.60q: %s (%s), want %s", x.text, said, got.Failure.Class, x.want)
		}
	}
}

// TestEvaluateDoubts holds that what is not certain is said to be so, with the place.
func TestEvaluateDoubts(t *testing.T) {
	for _, text := range []string{
		"a: &é 1\n",                  // js-yaml's anchors may hold any sign
		"%TAG !! tag:x,2000:\n---\n", // changes what tags mean
		"a:\n  -\n- b\n",             // js-yaml takes the second entry for one of the first list
		"2024-01-01: a\n",            // a Date as a key depends on the host's time zone
		"a: b\u0085c\n",
		"a: caf\xc3\x28\xe2\x82 x\n",
	} {
		if got := evaluate(text, "7.0.4"); !strings.Contains(got.Unsupported, "(line ") {
			t.Errorf("%q: %s, %+v, %q", text, got.Value.Inspect(), got.Failure, got.Unsupported)
		}
	}
}

func TestEvaluateLocates(t *testing.T) {
	got := evaluate("base: &b\n  script: x.js\napps:\n  - <<: [*b]\n    name: é\n    env:\n      PORT: 1\n", "7.0.4")
	for key, want := range map[string]ecosystem.Position{
		"":         {Line: 4, Col: 5, Width: 1},
		"name":     {Key: "name", Line: 5, Col: 5, Width: 4},
		"env.PORT": {Key: "env.PORT", Line: 7, Col: 7, Width: 4},
		"script":   {Key: "script", Line: 2, Col: 3, Width: 6},
	} {
		if at := got.At(0, key); at != want {
			t.Errorf("%q stands at %+v, want %+v", key, at, want)
		}
	}
}

// bombs are texts that would take much time or memory if nothing held them.
func bombs() map[string]string {
	var nested, merges strings.Builder
	nested.WriteString("a0: &a0 [x]\n")
	merges.WriteString("a0: &a0 {}\n")
	for i := 1; i < 60; i++ {
		fmt.Fprintf(&nested, "a%d: &a%d [*a%d, *a%d, *a%d]\n", i, i, i-1, i-1, i-1)
		fmt.Fprintf(&merges, "a%d: &a%d {<<: *a%d, <<: *a%d}\n", i, i, i-1, i-1)
	}
	return map[string]string{
		"aliases":          nested.String(),
		"merges":           merges.String() + "apps: *a59\n",
		"brackets":         strings.Repeat("[", 500_000),
		"braces":           strings.Repeat("{a: ", 200_000),
		"dashes":           strings.Repeat("- ", 400_000),
		"question marks":   strings.Repeat("? ", 400_000),
		"a long scalar":    "a: " + strings.Repeat("x", 1<<20-10),
		"a long number":    "a: " + strings.Repeat("9", 1<<20-10),
		"a long hex":       "a: 0x" + strings.Repeat("f", 1<<20-10),
		"words":            "a: " + strings.Repeat("x ", 500_000),
		"lines of text":    "a:\n" + strings.Repeat("  x\n", 250_000),
		"keys":             manyLines("k%d: 1\n", 60_000),
		"comments":         strings.Repeat("# x\n", 250_000),
		"blank lines":      "a: \"x\n" + strings.Repeat("\n", 1_000_000) + "\"",
		"anchors":          manyLines("- &a%d x\n", 60_000),
		"merges of a list": "a: &a {" + manyKeys(300) + "}\nb:\n" + strings.Repeat("  - <<: [*a, *a]\n", 2000),
		"quotes":           "[" + strings.Repeat("\"x\n\", ", 100_000) + "]",
		"empty entries":    strings.Repeat("-\n", 400_000),
	}
}

func manyLines(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// TestEvaluateIsBounded gives each bomb far more time than it takes.
func TestEvaluateIsBounded(t *testing.T) {
	for name, text := range bombs() {
		for _, pm2 := range []string{"7.0.4", "6.0.14"} {
			begun := time.Now()
			got := evaluate(text, pm2)
			if took := time.Since(begun); took > 20*time.Second {
				t.Errorf("%s take %v", name, took)
			} else {
				t.Logf("%s on %s: %v %q %+v", name, pm2, took.Round(time.Millisecond), got.Unsupported, got.Failure)
			}
		}
	}
}

// FuzzEvaluate holds that no text ends in a panic or in an answer that says nothing.
func FuzzEvaluate(f *testing.F) {
	for _, form := range forms() {
		f.Add(form.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, pm2 := range []string{"7.0.4", "6.0.14"} {
			begun := time.Now()
			got := evaluate(text, pm2)
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("%q takes %v", text, took)
			}
			if e := got.Failure; e != nil && (e.Line < 1 || e.Col < 1 || e.Message == "") {
				t.Errorf("%q: %+v", text, e)
			}
		}
	})
}

// BenchmarkEvaluate is a file of two apps.
func BenchmarkEvaluate(b *testing.B) {
	text := "base: &b\n  exec_mode: cluster\n  instances: 2\napps:\n  - <<: *b\n    name: web\n    env: {PORT: 3000}\n  - <<: *b\n    name: api\n    script: api.js\n"
	for b.Loop() {
		if got := evaluate(text, "7.0.4"); got.Failure != nil || got.Unsupported != "" {
			b.Fatal(got.Failure, got.Unsupported)
		}
	}
}
