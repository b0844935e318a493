package rate

// Place is a place among several, from 1: the best and the worst that it may be.
type Place struct{ Best, Worst int }

// Places ranks rates by their intervals, the highest first. A rate is before another one only
// if the whole of its interval is; those whose intervals overlap share places.
func Places(all []Interval) []Place {
	out := make([]Place, len(all))
	for i, x := range all {
		out[i] = Place{Best: 1, Worst: len(all)}
		for _, y := range all {
			switch {
			case y.Low > x.High:
				out[i].Best++
			case y.High < x.Low:
				out[i].Worst--
			}
		}
	}
	return out
}
