package lint_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/lint"
)

// TestFixes carries out what each finding's edit says, alone, in every case of every
// fixture, and validates the file again: that finding is gone, and no error or warning
// has come. So a rule has no edit that is not tried here.
func TestFixes(t *testing.T) {
	tried := map[string]int{}
	for _, r := range lint.Rules() {
		if r.ID[0] == 'R' {
			continue
		}
		dir, target := unpack(t, "testdata/"+r.ID+".txtar")
		for _, name := range cases(t, dir) {
			folder := filepath.Join(dir, name)
			s := subject(t, folder, target)
			before := lint.Check(s, lint.Rules())
			for _, f := range before {
				if f.Edit == nil {
					continue
				}
				after, n := lint.Mend(s, []lint.Finding{f})
				if n == 0 {
					continue // the text does not show where
				}
				again := recheck(t, folder, after, target)
				if why := lint.Worse(before, again, f); why != "" {
					t.Errorf("%s/%s: the fix of %s: %s:\n%s", r.ID, name, f.Rule, why, after)
				}
				tried[f.Rule]++
			}
		}
	}
	for _, id := range []string{"C002", "K001", "K002", "K011", "K012", "K018", "P007", "T001", "T002", "T004", "T007"} {
		if tried[id] == 0 {
			t.Errorf("no edit of %s was tried", id)
		}
	}
}

// recheck is what is found in the folder's configuration with another text.
func recheck(t *testing.T, folder string, text []byte, target ecosystem.Target) []lint.Finding {
	t.Helper()
	file := config(t, folder)
	was, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write := func(data []byte) {
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(text)
	defer write(was)
	s := subject(t, folder, target)
	return lint.Check(s, lint.Rules())
}

// TestAdvice holds the words of each fix to what is known to harm.
func TestAdvice(t *testing.T) {
	for _, r := range lint.Rules() {
		for _, harmful := range []string{"--env-file=.env", "--import tsx\"", "Remove it: it does nothing"} {
			if strings.Contains(r.Fix, harmful) {
				t.Errorf("%s advises %s", r.ID, harmful)
			}
		}
	}
	if !slices.IsSortedFunc(lint.Rules(), func(a, b lint.Rule) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("the rules are not in the order of their ids")
	}
}
