package yaml_test

import (
	_ "embed"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

//go:embed testdata/forms.txtar
var formsTxtar []byte

// form is a text; people write the everyday ones.
type form struct {
	name, text string
	everyday   bool
}

// forms are those of forms.txtar, and those that no text file can hold.
func forms() []form {
	var out []form
	for _, f := range txtar.Parse(formsTxtar).Files {
		out = append(out, form{f.Name, string(f.Data), strings.HasPrefix(f.Name, "everyday/")})
	}
	plain := "apps:\n  - name: web\n    args: |\n      a\n      b\n    x: \"c\n      d\"\n"
	crlf := strings.ReplaceAll(plain, "\n", "\r\n")
	return append(out,
		form{"everyday/empty", "", true},
		form{"everyday/newline", "\n", true},
		form{"everyday/newlines", "\n\n\n", true},
		form{"everyday/spaces", "   ", true},
		form{"exotic/space-newline", "  \n", false},
		form{"everyday/crlf", crlf, true},
		form{"everyday/crlf-tab", "apps:\r\n\t- name: a\r\n", true},
		form{"everyday/crlf-mixed", crlf + plain, true},
		form{"everyday/bom", "\ufeff" + plain, true},
		form{"everyday/bom-crlf", "\ufeff" + crlf, true},
		form{"everyday/bom-start", "\ufeff---\n" + plain, true},
		form{"everyday/no-newline", strings.TrimSuffix(plain, "\n"), true},
		form{"everyday/bracket-open", "[a", true},
		form{"everyday/no-newline-plain", "a: b", true},
		form{"everyday/no-newline-literal", "a: |\n  b", true},
		form{"everyday/no-newline-key", "a:", true},
		form{"everyday/no-newline-comment", "a: 1 # b", true},
		form{"everyday/latin-1", "name: caf\xe9\n", true},
		form{"everyday/surrogates", `{"apps": [{"name": "\ud83d\ude80 a", "args": "x\uD83D\uDE00\ud83d\ude00y \\ud83d\\ude00 z", 'b': '\ud83d\ude00'}]} # \ud83d` + "\n", true},
		form{"exotic/surrogate-alone", `a: "\ud83d x \ude00"` + "\n", false},
		form{"exotic/surrogates-twisted", `a: "\ude00\ud83d"` + "\n", false},
		form{"everyday/utf-16", "\xff\xfea\x00:\x00 \x001\x00", true},
		form{"exotic/utf-8-cut", "name: \xe2\x82 x\n", false},
		form{"exotic/cr", strings.ReplaceAll(plain, "\n", "\r"), false},
		form{"exotic/nul", "a: b\x00c\n", false},
		form{"exotic/bom-twice", "\ufeff\ufeffa: 1\n", false},
		form{"exotic/deep-90", strings.Repeat("[", 90) + strings.Repeat("]", 90), false},
		form{"exotic/deep-99", strings.Repeat("[", 99) + strings.Repeat("]", 99), false},
		form{"exotic/deep-100", strings.Repeat("[", 100) + strings.Repeat("]", 100), false},
		form{"exotic/deep-101", strings.Repeat("[", 101) + strings.Repeat("]", 101), false},
		form{"exotic/deep-104", strings.Repeat("[", 104) + strings.Repeat("]", 104), false},
		form{"exotic/deep-5000", strings.Repeat("[", 5000) + strings.Repeat("]", 5000), false},
		form{"exotic/deep-dashes", strings.Repeat("- ", 150) + "a", false},
		form{"exotic/long-key", strings.Repeat("k", 2000) + ": 1\n", false},
		form{"exotic/long-quoted-key", "\"" + strings.Repeat("k", 2000) + "\": 1\n", false},
		form{"exotic/long-flow-key", "{" + strings.Repeat("k", 2000) + ": 1}\n", false},
		form{"everyday/long-value", "a: " + strings.Repeat("x ", 5000) + "\n", true},
		form{"exotic/merge-many", "a: &a {" + manyKeys(101) + "}\nb:\n" + strings.Repeat("  - <<: *a\n", 100), false},
		form{"exotic/merge-fewer", "a: &a {" + manyKeys(99) + "}\nb:\n" + strings.Repeat("  - <<: *a\n", 100), false},
	)
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("k" + strings.Repeat("x", i) + ": 1, ")
	}
	return b.String()
}

// TestDaemonFormsMeanWhatTheyMeanToPM2 compares each form here and in js-yaml. An everyday
// form may not be unsupported.
func TestDaemonFormsMeanWhatTheyMeanToPM2(t *testing.T) {
	o := newOracle(t)
	all := forms()
	everyday, unsupported := 0, 0
	for _, f := range all {
		wrong, got := o.verdict(t, f.text)
		if wrong != "" {
			t.Errorf("%s: %.300s\n%.300s", f.name, wrong, f.text)
		}
		if e := got.Failure; e != nil && (e.Line < 1 || e.Col < 1 || e.Line > strings.Count(f.text, "\n")+1) {
			t.Errorf("%s: the error stands nowhere: %d:%d %s", f.name, e.Line, e.Col, e.Message)
		}
		if f.everyday {
			everyday++
		}
		if got.Unsupported != "" {
			unsupported++
			if f.everyday {
				t.Errorf("%s: unsupported: %s\n%.300s", f.name, got.Unsupported, f.text)
			}
		}
	}
	t.Logf("%d forms, of which %d everyday ones, on PM2 %s: %d exotic ones are unsupported, the others mean the same", len(all), everyday, o.pm2, unsupported)
}
