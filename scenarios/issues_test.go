package scenarios

import (
	"regexp"
	"testing"
)

// TestIssues: the matrix has at least twenty public issues since 2024, each once, and names
// scenarios that exist.
func TestIssues(t *testing.T) {
	opened := regexp.MustCompile(`^202[4-6](-(0[1-9]|1[0-2]))?$`)
	all := Issues()
	if len(all) < 20 {
		t.Errorf("there are %d issues, want 20", len(all))
	}
	for i, x := range all {
		if i > 0 && x.Number >= all[i-1].Number {
			t.Errorf("#%d comes after #%d", x.Number, all[i-1].Number)
		}
		if !opened.MatchString(x.Opened) || x.About == "" || x.Number < 5730 { // #5716 is of November 2023
			t.Errorf("%+v is no issue since 2024", x)
		}
		if found, _ := Find([]string{x.Scenario}); x.Scenario != "" && len(found) != 1 {
			t.Errorf("#%d: there is no scenario %q", x.Number, x.Scenario)
		}
	}
}
