package cluster

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestDraw: a layout is the same for the same seed, another for another, and no name of it
// stands twice.
func TestDraw(t *testing.T) {
	controls := []string{"/stall", "/burn"}
	drawn := func(seed uint64) Layout {
		return Draw(rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 2)), controls)
	}
	names := func(l Layout) []string {
		return []string{l.Folder, l.Other, l.Socket, l.Paths["/stall"], l.Paths["/burn"], l.Releases[Current], l.Releases[Next], l.Releases[Candidate]}
	}
	for seed := range uint64(50) {
		all := names(drawn(seed))
		if !slices.Equal(all, names(drawn(seed))) {
			t.Fatalf("seed %d: two layouts of one seed differ", seed)
		}
		slices.Sort(all)
		if len(slices.Compact(slices.Clone(all))) != len(all) || slices.Contains(all, "") {
			t.Errorf("seed %d: a name stands twice or is empty: %q", seed, all)
		}
		if text := strings.Join(all, " "); strings.Contains(text, "stall") || strings.Contains(text, "burn") {
			t.Errorf("seed %d: a name tells what it is for: %s", seed, text)
		}
	}
	if slices.Equal(names(drawn(1)), names(drawn(2))) {
		t.Error("two seeds give the same layout")
	}
}

func TestLayoutPath(t *testing.T) {
	l := Layout{Paths: map[string]string{"/report": "/a/1", "/reports": "/a/2"}}
	for path, want := range map[string]string{
		"/report": "/a/1", "/report?of=x": "/a/1?of=x", "/reports?x": "/a/2?x", "/reporting": "/reporting", "/work?ms=3": "/work?ms=3",
	} {
		if got := l.Path(path); got != want {
			t.Errorf("%s is called %s, want %s", path, got, want)
		}
	}
}
