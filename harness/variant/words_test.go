package variant

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write words.jsonl")

// TestWords: each text names the server's address by its places, and no other.
func TestWords(t *testing.T) {
	all := wordings()
	if len(all) < 5 {
		t.Errorf("there are %d texts", len(all))
	}
	for _, w := range all {
		if len(w.Text) < 20 || address.MatchString(w.Text) {
			t.Errorf("%s is empty, or has an address of its own: %q", w.Driver, w.Text)
		}
	}
}

// TestWordsAreThoseRecorded holds words.jsonl to the recordings: what a client's error looks
// like on the console when nothing listens at its server's address.
func TestWordsAreThoseRecorded(t *testing.T) {
	files, err := filepath.Glob("../remedy/nodeerr/testdata/wordings/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Skipf("no recordings are there (%v)", err)
	}
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	for _, file := range files {
		if w, ok := refused(t, file); ok {
			if err := enc.Encode(w); err != nil {
				t.Fatal(err)
			}
		}
	}
	if *update {
		if err := os.WriteFile("words.jsonl", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if recorded != want.String() {
		t.Error("words.jsonl is stale: go test ./harness/variant -run Words -update writes it")
	}
}

// address is one that a recording has: the port that it was made with counts wherever it
// stands.
var address = regexp.MustCompile(`(127\.0\.0\.1|\[?::1\]?|localhost):(\d+)`)

// refused reads of one driver's recordings what it says on the console of a server that
// refuses. One that names no address says too little for anybody to wait for.
func refused(t *testing.T, file string) (wording, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var r struct{ Driver, State, Form, Text string }
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		m := address.FindStringSubmatch(r.Text)
		if r.State != "dead" || r.Form != "console" || m == nil {
			continue
		}
		text := address.ReplaceAllString(r.Text, "{host}:{port}")
		text = strings.ReplaceAll(strings.ReplaceAll(text, m[2], "{port}"), "127.0.0.1", "{host}")
		return wording{r.Driver, text}, true
	}
	return wording{}, false
}
