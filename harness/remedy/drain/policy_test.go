package drain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// TestPolicy: the inspector is opened only where the policy allows it, and the roll
// says why it was not.
func TestPolicy(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		policy    drain.Policy
		strangers []string
		hidden    error
		files     [2]int
		refused   string
	}{
		{"", nil, nil, [2]int{}, ""},
		{"", nil, nil, [2]int{40, 256}, ""},
		{"", nil, nil, [2]int{252, 256}, "has 252 of its 256 descriptors open"},
		{"", []string{"process 7 (uid 33)"}, nil, [2]int{}, "the policy is private, and process 7 (uid 33) could reach it"},
		{"", []string{"a", "b", "c", "d", "e"}, nil, [2]int{}, "a, b, c and 2 more could reach it"},
		{drain.Private, nil, errors.New("hidepid"), [2]int{}, "it cannot be seen who else could reach it: hidepid"},
		{drain.Always, []string{"process 7 (uid 33)"}, nil, [2]int{}, ""},
		{drain.Never, nil, nil, [2]int{}, "the policy is never"},
	} {
		r := newRig(t, 2, release{})
		r.inspector = newDevtools(t)
		opened := false
		r.inspector.opened = func() { opened = true }
		r.strangers, r.hidden, r.files = tc.strangers, tc.hidden, tc.files
		roller := r.roller()
		roller.Inspector = tc.policy
		rep, err := roller.Replace(t.Context(), drain.Worker{ID: 1, PID: 1002, Port: r.port(), URL: roller.URL})
		if err != nil {
			t.Fatal(err)
		}
		if opened != (tc.refused == "") {
			t.Errorf("%+v: opened %v", tc, opened)
		}
		if tc.refused != "" && !strings.Contains(rep.Drain.String(), tc.refused) {
			t.Errorf("%+v: it says %q", tc, rep.Drain)
		}
	}
}

// TestInspectorWithASessionOfSomebodyElseIsLeftToThem: they may come before the facts
// are read or after it.
func TestInspectorWithASessionOfSomebodyElseIsLeftToThem(t *testing.T) {
	t.Parallel()
	for _, sessions := range [][]int{{2}, {1, 2}} { // 2: theirs and ours
		r := newRig(t, 2, release{})
		r.inspector = newDevtools(t)
		r.attached = sessions
		_, err := r.roller().Probe(t.Context(), 1001)
		if !errors.Is(err, drain.ErrInspector) || !strings.Contains(err.Error(), "somebody else is attached") {
			t.Errorf("sessions %v: got %v", sessions, err)
		}
	}
}

func TestInspectorThatWasOpenStaysOpen(t *testing.T) {
	t.Parallel()
	r := newRig(t, 2, release{})
	r.inspector = newDevtools(t)
	if err := r.inspector.open(1001); err != nil {
		t.Fatal(err)
	}
	if _, err := r.roller().Probe(t.Context(), 1001); err != nil {
		t.Fatal(err)
	}
	if r.inspector.owner() != 1001 {
		t.Error("it was closed")
	}
}
