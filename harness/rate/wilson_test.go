package rate

import (
	"math"
	"testing"
)

// TestWilson: the pairs of Newcombe's comparison of seven methods (Statistics in
// Medicine 17, 1998, table I, method 3), and what ends of the scale work out to by
// hand: n / (n + z²) below n of n.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		hits, n   int
		low, high float64
	}{
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{0, 20, 0, 0.1611},
		{1, 29, 0.0061, 0.1718},
		{1, 1, 0.2065, 1},
		{0, 1, 0, 0.7935},
		{5, 5, 0.5655, 1},
		{20, 20, 0.8389, 1},
		{5, 10, 0.2366, 0.7634},
	} {
		got := Wilson(c.hits, c.n)
		if math.Abs(got.Low-c.low) > 5e-5 || math.Abs(got.High-c.high) > 5e-5 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", c.hits, c.n, got.Low, got.High, c.low, c.high)
		}
	}
}

// TestWilsonBounds: an interval holds its rate, lies within 0 and 1, narrows with more
// tries, and is mirrored for the misses.
func TestWilsonBounds(t *testing.T) {
	for n := 1; n <= 60; n++ {
		for hits := range n + 1 {
			x, p := Wilson(hits, n), float64(hits)/float64(n)
			if x.Low < 0 || x.High > 1 || x.Low > p+1e-12 || x.High < p-1e-12 {
				t.Errorf("%d of %d: %v does not hold %v", hits, n, x, p)
			}
			y := Wilson(n-hits, n)
			if math.Abs(x.Low-(1-y.High)) > 1e-9 {
				t.Errorf("%d of %d: %v is no mirror of %v", hits, n, x, y)
			}
			if z := Wilson(10*hits, 10*n); z.High-z.Low >= x.High-x.Low {
				t.Errorf("%d of %d: ten times as many tries do not narrow %v: %v", hits, n, x, z)
			}
		}
	}
}
