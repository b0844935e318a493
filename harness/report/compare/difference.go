package compare

import (
	"math"

	"github.com/pm2drill/pm2drill/harness/rate"
)

// sample is how many of some trials had an outcome.
type sample struct {
	hits, tries float64
}

func (s sample) computeRate() float64 { return s.hits / s.tries }

// computeDifference returns the interval in which the difference of two rates, b's less
// a's, lies: Newcombe's hybrid score interval (Statistics in Medicine 17, 1998, method
// 10), for z standard deviations to either side. Both have trials.
func computeDifference(a, b sample, z float64) rate.Interval {
	p, q := a.computeRate(), b.computeRate()
	wa, wb := rate.WilsonAt(a.hits, a.tries, z*z), rate.WilsonAt(b.hits, b.tries, z*z)
	d := q - p
	return rate.Interval{Low: d - math.Hypot(q-wb.Low, wa.High-p), High: d + math.Hypot(wb.High-q, p-wa.Low)}
}

// computeFamilyZ returns how many standard deviations hold 95 % of the time in all of n
// intervals at once, by Bonferroni: of sixty comparisons at 95 % each, three would differ
// by chance.
func computeFamilyZ(n int) float64 { return math.Sqrt2 * math.Erfinv(1-0.05/float64(max(1, n))) }

// computeDispersion returns how much more the rates of repeated runs differ than
// independent trials would: the mean of Pearson's squares over both sides' runs, 1 where
// it is less or where nothing was repeated. Requests that one event costs are lost
// together; a count of them tells as much as one that is smaller by this factor.
func computeDispersion(sides ...[]sample) float64 {
	var squares, free float64
	for _, runs := range sides {
		all := addSamples(runs)
		p := all.computeRate()
		if len(runs) < 2 || p <= 0 || p >= 1 {
			continue
		}
		for _, x := range runs {
			off := x.hits - x.tries*p
			squares += off * off / (x.tries * p * (1 - p))
		}
		free += float64(len(runs) - 1)
	}
	if free == 0 {
		return 1
	}
	return max(1, squares/free)
}

// addSamples returns the sum of the samples.
func addSamples(runs []sample) (all sample) {
	for _, x := range runs {
		all.hits, all.tries = all.hits+x.hits, all.tries+x.tries
	}
	return all
}

// weaken returns the sample of so many times fewer trials.
func (s sample) weaken(by float64) sample { return sample{s.hits / by, s.tries / by} }

// areSeparate reports whether every value of one side is beyond every value of the other,
// and chance would do that less than once in twenty times: 4 against 4, or 3 against 5.
func areSeparate[T int | int64](a, b []T) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	lowA, highA, lowB, highB := a[0], a[0], b[0], b[0]
	for _, x := range a {
		lowA, highA = min(lowA, x), max(highA, x)
	}
	for _, x := range b {
		lowB, highB = min(lowB, x), max(highB, x)
	}
	if highA >= lowB && highB >= lowA {
		return false
	}
	ways := 1.0 // of choosing which of all are a's
	for i := range len(a) {
		ways = ways * float64(len(b)+i+1) / float64(i+1)
	}
	return 2/ways <= 0.05
}
