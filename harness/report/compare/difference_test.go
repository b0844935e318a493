package compare

import (
	"math"
	"testing"

	"github.com/pm2drill/pm2drill/harness/rate"
)

// TestDifference: the pairs of Newcombe's comparison of eleven methods (Statistics in
// Medicine 17, 1998, table II, method 10).
func TestDifference(t *testing.T) {
	for _, c := range []struct{ hitsB, nB, hitsA, nA, low, high float64 }{
		{56, 70, 48, 80, 0.0524, 0.3339},
		{9, 10, 3, 10, 0.1705, 0.8090},
		{6, 7, 2, 7, 0.0582, 0.8062},
		{5, 56, 0, 29, -0.0381, 0.1926},
		{0, 10, 0, 20, -0.1611, 0.2775},
		{10, 10, 0, 10, 0.6075, 1},
	} {
		got := computeDifference(sample{c.hitsA, c.nA}, sample{c.hitsB, c.nB}, rate.Z95)
		if math.Abs(got.Low-c.low) > 6e-5 || math.Abs(got.High-c.high) > 6e-5 {
			t.Errorf("%v: %.4f to %.4f, want %.4f to %.4f", c, got.Low, got.High, c.low, c.high)
		}
	}
}

func TestFamily(t *testing.T) {
	if z := computeFamilyZ(1); math.Abs(z-rate.Z95) > 1e-9 {
		t.Errorf("one interval: %v", z)
	}
	if z := computeFamilyZ(10); math.Abs(z-2.8070) > 1e-4 { // the normal quantile of 0.9975
		t.Errorf("ten intervals: %v", z)
	}
}

func TestDispersion(t *testing.T) {
	for name, c := range map[string]struct {
		sides [][]sample
		want  float64
	}{
		"once each":        {[][]sample{{{20, 1000}}, {{73, 1000}}}, 1},
		"alike":            {[][]sample{{{20, 1000}, {20, 1000}}}, 1},
		"nothing was lost": {[][]sample{{{0, 1000}, {0, 1000}}}, 1},
		// p = 0.05: (50² + 50²) / (1000 · 0.05 · 0.95)
		"all in one": {[][]sample{{{0, 1000}, {100, 1000}}}, 5000 / 47.5},
	} {
		if got := computeDispersion(c.sides...); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestSeparate(t *testing.T) {
	for _, c := range []struct {
		a, b []int
		want bool
	}{
		{[]int{1, 2, 3, 4}, []int{5, 6, 7, 8}, true},    // 2 in 70
		{[]int{5, 6, 7, 8}, []int{1, 2, 3, 4}, true},    // the other way
		{[]int{1, 2, 3}, []int{4, 5, 6, 7, 8}, true},    // 2 in 56
		{[]int{1, 2, 3}, []int{4, 5, 6}, false},         // 2 in 20
		{[]int{1}, []int{100}, false},                   // once each tells nothing
		{[]int{1, 2, 3, 5}, []int{5, 6, 7, 8}, false},   // they touch
		{[]int{1, 2, 3, 90}, []int{5, 6, 7, 80}, false}, // they overlap
		{nil, []int{5, 6, 7, 8}, false},
	} {
		if got := areSeparate(c.a, c.b); got != c.want {
			t.Errorf("%v and %v: %v", c.a, c.b, got)
		}
	}
}
