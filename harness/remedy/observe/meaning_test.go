package observe

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestMeaning: the operator's word stands above what the engine makes of a status by itself.
func TestMeaning(t *testing.T) {
	expected := []Statuses{{200, 200}, {503, 503}}
	for _, c := range []struct {
		status              int
		expected            []Statuses
		good, failed, usual bool
	}{
		{200, nil, true, false, true},
		{404, nil, false, false, true},
		{503, nil, false, true, false},
		{429, nil, false, false, true},
		{200, expected, true, false, true},
		{503, expected, true, false, true},
		{204, expected, false, true, false},
		{404, expected, false, true, false},
		{429, expected, false, true, false},
		{0, expected, false, false, false},
	} {
		a := Answer{Status: c.status, Meant: classifyStatus(c.status, c.expected)}
		if a.Good() != c.good || a.IsServerError() != c.failed || a.IsUsual(0) != c.usual {
			t.Errorf("%d with %v expected: good %v, failed %v, usual %v", c.status, c.expected, a.Good(), a.IsServerError(), a.IsUsual(0))
		}
	}
}

// TestExpectForgetsTheUsual: what was usual is learned anew when it means something else.
func TestExpectForgetsTheUsual(t *testing.T) {
	w := &Watcher{}
	w.check.usual = Usual{Status: 404}
	w.Expect(nil)
	if w.check.usual.Status != 404 {
		t.Error("nothing has changed, and the usual answer is forgotten")
	}
	w.Expect([]Statuses{{200, 200}})
	if w.check.usual.Status != 0 {
		t.Error("the usual answer is still one that is ill by now")
	}
}

// TestApproved: only this user's own list approves anything.
func TestApproved(t *testing.T) {
	home := t.TempDir()
	if err := os.Chmod(home, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(home, ApprovedFile)
	for text, want := range map[string][]string{`["b","a","a"]`: {"a", "b"}, `{"a":1}`: nil, `["a`: nil} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := readApproved(home); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	elsewhere := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(elsewhere, []byte(`["a"]`), 0o600); err != nil {
		t.Fatal(err)
	}
	_ = os.Remove(file)
	if err := os.Symlink(elsewhere, file); err != nil {
		t.Fatal(err)
	}
	if got := readApproved(home); got != nil {
		t.Errorf("it follows a link, and reads %q", got)
	}
}
