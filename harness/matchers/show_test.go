package matchers

import (
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/promise"
)

func TestShow(t *testing.T) {
	for _, c := range []struct {
		verdict, expected promise.Verdict
		want              bool
	}{
		{promise.Kept, promise.Kept, true},
		{promise.Broken, promise.Broken, true},
		{promise.Broken, promise.Kept, false},
		{promise.Kept, promise.Broken, false},
		{promise.Inconclusive, promise.Kept, false},
		{promise.Inconclusive, promise.Broken, false},
	} {
		r := promise.Ruling{Promise: "it works", Verdict: c.verdict, Expected: c.expected, Because: "of the figures"}
		got, err := Show().Match(r)
		if err != nil || got != c.want {
			t.Errorf("%s where %s is expected: %v (%v)", c.verdict, c.expected, got, err)
		}
		if text := Show().FailureMessage(r); !strings.Contains(text, "it works") || !strings.Contains(text, "of the figures") {
			t.Errorf("the failure does not give sentence and reason: %q", text)
		}
	}
	if _, err := Show().Match("a string"); err == nil {
		t.Error("matched something that is no ruling")
	}
}
