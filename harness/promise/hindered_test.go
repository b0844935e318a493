package promise

import (
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// TestHindered: an engine that keeps the fault from being injected spoils its own drill.
func TestHindered(t *testing.T) {
	hindered := faulted().mark(10.5, evidence.MarkHindered).record()
	hindered.Cut = "cannot give the port away"
	fine := control(faulted().mark(10.5, evidence.MarkInjected)).record()
	for _, c := range []struct {
		name       string
		r, control *evidence.Record
		want       Verdict // "" for no ruling
	}{
		{"it went well", faulted().mark(10.5, evidence.MarkInjected).record(), fine, ""},
		{"with no engine it went well", hindered, fine, Broken},
		{"with no engine it did not either", hindered, control(faulted()).record(), Inconclusive},
		{"nobody has tried without", hindered, nil, Inconclusive},
	} {
		got, ok := Hindered(c.r, c.control)
		if ok != (c.want != "") || got.Verdict != c.want {
			t.Errorf("%s: %s (%v), want %s: %s", c.name, got.Verdict, ok, c.want, got.Because)
		}
	}
}
