package rate

import (
	"fmt"
	"math"
	"testing"
)

// TestAgainst: the bounds of Wilson's interval decide, worked out by hand in TestWilson.
func TestAgainst(t *testing.T) {
	for _, c := range []struct {
		hits, n int
		bound   float64
		want    Finding
	}{
		{0, 0, 0.5, Undecided},
		{0, 20, 0.1612, Below}, // to 0.1611
		{0, 20, 0.1611, Undecided},
		{1, 29, 0.0060, Undecided}, // from 0.0061 at 95 %, and lower at 99.9 %
		{1, 1, 0.01, Undecided},
		{2, 2, 0.01, Undecided},
		{3, 3, 0.01, Above},
		{1, 29, 0.1, Undecided},
		{0, 3838, 0.001, Below},
		{0, 3837, 0.001, Undecided},
		{20, 20, 0.6, Above},
		{81, 263, 0.37, Below},
		{81, 263, 0.25, Undecided}, // from 0.2553 at 95 %
		{81, 263, 0.2, Above},
	} {
		if got := Against(c.hits, c.n, c.bound); got != c.want {
			t.Errorf("%d of %d against %g: %s, want %s", c.hits, c.n, c.bound, got, c.want)
		}
	}
}

// TestFewestTries: one try less does not do.
func TestFewestTries(t *testing.T) {
	for bound, want := range map[float64]int{0.5: 4, 0.2: 16, 0.1: 35, 0.05: 73, 0.01: 381, 0.001: 3838} {
		n := FewestTries(bound)
		if n != want || Against(0, n, bound) != Below || Against(0, n-1, bound) != Undecided {
			t.Errorf("%g: %d tries, want %d", bound, n, want)
		}
	}
}

// TestErrorOfRepeatedLooks computes how often one who looks after each try and stops at the
// first finding is wrong about a rate that is just at the bound: more often than the 5 % of a
// single look. Help of `run --until` tells these figures.
func TestErrorOfRepeatedLooks(t *testing.T) {
	for _, c := range []struct {
		bound        float64
		most         int // tries
		below, above float64
	}{
		{0.1, 4 * FewestTries(0.1), 0.080, 0.022},
		{0.01, 4 * FewestTries(0.01), 0.074, 0.042},
	} {
		below, above := computeStops(c.bound, c.most)
		if math.Abs(below-c.below) > 0.01 || math.Abs(above-c.above) > 0.01 {
			t.Errorf("%g: %s", c.bound, fmt.Sprintf("below %.3f, above %.3f", below, above))
		}
	}
}

// computeStops returns the exact probabilities of stopping with each finding where the rate is
// at the bound: state is the probability of each number of hits among those who go on.
func computeStops(bound float64, most int) (below, above float64) {
	state := []float64{1}
	for n := 1; n <= most; n++ {
		next := make([]float64, n+1)
		for hits, p := range state {
			next[hits] += p * (1 - bound)
			next[hits+1] += p * bound
		}
		for hits, p := range next {
			switch Against(hits, n, bound) {
			case Below:
				below, next[hits] = below+p, 0
			case Above:
				above, next[hits] = above+p, 0
			}
		}
		state = next
	}
	return below, above
}
