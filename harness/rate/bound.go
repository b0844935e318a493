package rate

import "math"

// Finding says where a rate lies against a bound.
type Finding string

const (
	Below     Finding = "below"     // the whole interval is
	Above     Finding = "above"     // the whole interval is, at zAbove
	Undecided Finding = "undecided" // the interval has the bound in it, or nothing was tried
)

// zAbove is how many standard deviations to either side the interval has by which a rate is
// above: 99.9 %. Who looks after every try would find a rate that is just at the bound above it
// in a third of all cases by 95 %, since the first hit may come early.
const zAbove = 3.2905267314918945

// leastHits is how many hits a rate that is above a bound has at least: one or two may come early.
const leastHits = 3

// Against says where the rate behind hits out of n tries lies against a bound, by Wilson's
// interval. It may be asked after every try: of a rate that is just at the bound it then says
// Below in 8 % of all cases at most, and Above in 5 % (TestErrorOfRepeatedLooks).
func Against(hits, n int, bound float64) Finding {
	if n == 0 {
		return Undecided
	}
	switch {
	case Wilson(hits, n).High < bound:
		return Below
	case hits >= leastHits && WilsonAt(float64(hits), float64(n), zAbove*zAbove).Low > bound:
		return Above
	}
	return Undecided
}

// FewestTries returns how many tries without any hit are needed to find the rate below the
// bound, which is above 0 and below 1: Wilson's upper end is z² / (n + z²) there.
func FewestTries(bound float64) int {
	return int(math.Floor(Z95*Z95*(1-bound)/bound)) + 1
}
