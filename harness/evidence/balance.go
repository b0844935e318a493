package evidence

import "fmt"

// Balance checks the conservation law: for each lane, what the pacer says was
// owed equals the sum of the classes it counted and the rows that were
// recorded, class by class, and no request id appears twice. A ledger that does
// not balance proves nothing; the error names the lane and both figures.
func (r *Record) Balance() error {
	if len(r.Tallies) == 0 {
		return fmt.Errorf("cannot balance the ledger: the load generator left no tally")
	}
	ids := make(map[string]bool, len(r.Requests))
	for i := range r.Requests {
		id := r.Requests[i].ID
		if ids[id] {
			return fmt.Errorf("cannot balance the ledger: request %s is recorded twice", id)
		}
		ids[id] = true
	}
	for _, t := range r.Tallies {
		rows := r.Counts(t.Lane)
		sum := 0
		for _, c := range Classes() {
			sum += t.Counts[c]
			if t.Counts[c] != rows[c] {
				return fmt.Errorf("cannot balance lane %s: %d %s counted, %d recorded", t.Lane, t.Counts[c], c, rows[c])
			}
		}
		if sum != t.Owed {
			return fmt.Errorf("cannot balance lane %s: %d owed, %d settled", t.Lane, t.Owed, sum)
		}
	}
	return r.balanceStreams()
}
