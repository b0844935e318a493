package drill

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"testing"

	"github.com/pm2drill/pm2drill/fixtures"
	"github.com/pm2drill/pm2drill/harness/cluster"
)

// TestReleases: each id that may be deployed stands for the drill's own app, as one of its
// releases; a path that a fault asks for is one that the app knows, by its hash alone; and
// another run's secret gives other ids and paths.
func TestReleases(t *testing.T) {
	of := func(secret uint64) *run {
		return newRun(Drill{App: App{Fixture: "stalls"}}, Bench{Seed: 7, Secret: secret, Apps: &fixtures.Bundle{Numbers: map[string]int{"stalls": 9}}})
	}
	r := of(1)
	releases := r.listReleases()
	for i, name := range cluster.Releases() {
		x, ok := releases[r.layout.Releases[name]]
		if !ok || x.App != 9 || x.Number != byte(i) {
			t.Errorf("%s is %+v (%v)", name, x, ok)
		}
		for _, control := range fixtures.Controls() {
			sum := sha256.Sum256([]byte(r.layout.Path(control)))
			if got := x.Paths[hex.EncodeToString(sum[:])]; got != control || r.layout.Path(control) == control {
				t.Errorf("%s is asked for as %s, which the app takes for %q", control, r.layout.Path(control), got)
			}
		}
	}
	other := of(2).listReleases()
	if len(releases) != 3 || slices.ContainsFunc(slices.Collect(maps.Keys(releases)), func(id string) bool { _, ok := other[id]; return ok }) {
		t.Errorf("two runs with one seed share an id, or there are not three: %v", releases)
	}
}
