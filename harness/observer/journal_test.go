package observer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// TestJournalNews: every line is told once, as soon as it has its end.
func TestJournalNews(t *testing.T) {
	dir := t.TempDir()
	j := journal{dir: dir, read: map[string]int64{}}
	write := func(name, text string) {
		t.Helper()
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct{ name, text, want string }{
		{"7.jsonl", "", ""},
		{"7.jsonl", `{"id":"a"}` + "\n" + `{"id":"b"}` + "\n", "a b"},
		{"8.jsonl", `{"id":"c"}` + "\n" + `{"id":`, "c"},
		{"8.jsonl", `"d"}`, ""},
		{"8.jsonl", "\n" + `{"id":"e"}` + "\n" + `{"killed":`, "d e"},
		{"7.jsonl", `{"id":"f"}` + "\n", "f"},
	} {
		write(step.name, step.text)
		var told []string
		if err := j.news(func(s evidence.Served) { told = append(told, s.ID) }); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(told, " "); got != step.want {
			t.Errorf("after %q it told of %q, want %q", step.text, got, step.want)
		}
	}
	write("7.jsonl", "{\n")
	if err := j.news(func(evidence.Served) {}); err == nil || !strings.Contains(err.Error(), "7.jsonl") {
		t.Errorf("a line that is none: %v", err)
	}
}
