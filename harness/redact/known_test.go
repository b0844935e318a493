package redact

import (
	"encoding/base64"
	"strings"
	"testing"
)

// TestLearned: values of variables are replaced wherever they stand and in whatever form;
// hosts, words and numbers stay, for a diagnosis is about them.
func TestLearned(t *testing.T) {
	r := new(Redactor)
	r.Keep("shop-7x9")
	r.LearnVariables(map[string]string{
		"BLUE": "zx81/spec trum+3", "REDIS_HOST": "cache01", "MODE": "standalone", "PORT": "3000", "APP": "shop-7x9", "DB_PASS": "ab1d", "API_SECRET": "swordfish", "HOME": "/home/x1y2z3",
		"node_args": "--max-old-space=200,--title=gr33nfinch",
		"URL":       "https://u:p%40ss9@h.example/x?k=q-value-1",
	})
	plain := "zx81/spec trum+3"
	for _, text := range []string{
		plain, `zx81\/spec trum+3`, "zx81%2Fspec+trum%2B3", "zx81%2Fspec%20trum%2B3", base64.StdEncoding.EncodeToString([]byte("ab" + plain + "cd")),
		"the p@ss9 of u", "k is q-value-1", "ab1d", "swordfish", "cut off zx81/sp…", "gr33nfinch",
	} {
		got := r.Clean("x " + text + " y")
		if !strings.Contains(got, Mark) || strings.Contains(got, "spec") || strings.Contains(got, "zx81") {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	for _, text := range []string{"connect ECONNREFUSED cache01:6379", "standalone", ":3000", "shop-7x9", "/home/x1y2z3/app.js:3:4", "bad option: --max-old-space=200"} {
		if got := r.Clean(text); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

// TestCommandLines: the arguments of a process are secrets; the title of PM2's daemon has none.
func TestCommandLines(t *testing.T) {
	r := new(Redactor)
	r.LearnCommand("node stranger.js 3000 --key plum-Tree-7")
	r.LearnCommand("PM2 v7.0.4: God Daemon (/srv/.pm2)")
	const said = "port 3000 is held by pid 7 (PM2 v7.0.4: God Daemon (/srv/.pm2)), pid 8 with plum-Tree-7"
	if got, want := r.Clean(said), strings.Replace(said, "plum-Tree-7", Mark, 1); got != want {
		t.Errorf("got %q", got)
	}
}
