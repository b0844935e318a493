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
	all := readWordings()
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

// refused reads of one driver's recordings what it says of a server that refuses: on the
// console, or else what Node says when nobody catches it. One that names no address says
// too little for anybody to wait for.
func refused(t *testing.T, file string) (wording, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{} // by state and form
	var driver string
	for line := range bytes.Lines(text) {
		var r struct{ Driver, State, Form, Text string }
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		driver = r.Driver
		if key := r.State + " " + r.Form; said[key] == "" && address.MatchString(r.Text) {
			said[key] = r.Text
		}
	}
	for _, key := range []string{"dead console", "dead natural", "dead.both console", "dead.both natural"} {
		if said[key] != "" {
			return wording{driver, placed(caught(said[key]))}, true
		}
	}
	return wording{}, false
}

// placed has the places in the stead of a text's addresses.
func placed(text string) string {
	for _, m := range address.FindAllStringSubmatch(text, -1) {
		text = strings.ReplaceAll(text, m[2], "{port}")
	}
	text = strings.NewReplacer("127.0.0.1:{port}", "{host}:{port}", "[::1]:{port}", "{host}:{port}", "::1:{port}", "{host}:{port}", "localhost:{port}", "{host}:{port}").Replace(text)
	return strings.NewReplacer("'127.0.0.1'", "'{host}'", "'::1'", "'{host}'").Replace(text)
}

// caught is an error without what Node puts around one that nobody catches: the line that
// threw, and its own version.
func caught(text string) string {
	if _, rest, ok := strings.Cut(text, "^\n\n"); ok {
		text = rest
	}
	text, _, _ = strings.Cut(text, "\n\nNode.js v")
	return strings.TrimRight(text, "\n")
}
