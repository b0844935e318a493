package rate

import (
	"math"
)

// Z95 is how many standard deviations to either side hold 95 % of a normal
// distribution.
const Z95 = 1.959963984540054

// Interval is where the true rate behind a few runs lies, with 95 % confidence.
type Interval struct {
	Low  float64 `json:"low"` // 0 to 1
	High float64 `json:"high"`
}

// Wilson returns the Wilson score interval of hits out of n tries, n at least 1.
// Near 0 and 1, where gates are, it stays honest for small n: five of five gives 57 % to
// 100 %. The textbook's interval would have no width there.
func Wilson(hits, n int) Interval { return WilsonAt(float64(hits), float64(n), Z95*Z95) }

// WilsonAt is Wilson for another confidence, by the square of the standard deviations to
// either side, of tries that need not be whole: those that depend on each other count for
// fewer.
func WilsonAt(hits, n, zz float64) Interval {
	p := hits / n
	scale := 1 + zz/n
	centre := (p + zz/(2*n)) / scale
	half := math.Sqrt(zz) / scale * math.Sqrt(p*(1-p)/n+zz/(4*n*n))
	// Rounding must not take an end beyond what a rate can be.
	return Interval{max(0, centre-half), min(1, centre+half)}
}
