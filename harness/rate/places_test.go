package rate

import (
	"slices"
	"testing"
)

// TestPlaces: only intervals that part rank.
func TestPlaces(t *testing.T) {
	for name, c := range map[string]struct {
		all  []Interval
		want []Place
	}{
		"one":               {[]Interval{{0.5, 1}}, []Place{{1, 1}}},
		"two that overlap":  {[]Interval{{0.5, 1}, {0.2, 0.6}}, []Place{{1, 2}, {1, 2}}},
		"two that touch":    {[]Interval{{0.5, 1}, {0.2, 0.5}}, []Place{{1, 2}, {1, 2}}},
		"two that part":     {[]Interval{{0.2, 0.4}, {0.5, 1}}, []Place{{2, 2}, {1, 1}}},
		"a chain":           {[]Interval{{0.6, 0.9}, {0.4, 0.7}, {0.2, 0.5}}, []Place{{1, 2}, {1, 3}, {2, 3}}},
		"8 of 8 and 3 of 8": {[]Interval{Wilson(8, 8), Wilson(3, 8)}, []Place{{1, 2}, {1, 2}}},
		"25 and 19 of 25":   {[]Interval{Wilson(25, 25), Wilson(19, 25)}, []Place{{1, 2}, {1, 2}}},
		"25 and 15 of 25":   {[]Interval{Wilson(25, 25), Wilson(15, 25)}, []Place{{1, 1}, {2, 2}}},
	} {
		if got := Places(c.all); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
