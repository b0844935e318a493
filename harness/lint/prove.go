package lint

import "fmt"

// Prove makes the changes that the findings are sure of, as Mend does, and keeps those
// that hold: evaluate validates a changed text, and the finding must be gone and no
// error or warning have come. All are tried together, and one by one if that fails.
// n is how many findings were mended; the text is unchanged if it is 0.
func Prove(s *Subject, all []Finding, evaluate func(text []byte) (*Subject, error)) (after []byte, n int, err error) {
	if text, n := Mend(s, all); n > 0 {
		again, err := evaluate(text)
		if err != nil {
			return s.Source, 0, fmt.Errorf("cannot prove a fix: %w", err)
		}
		if findNew(Check(s, Rules()), Check(again, Rules())) == "" && countCertain(all)-countCertain(Check(again, Rules())) >= n {
			return text, n, nil
		}
	}
	return proveEach(s, all, evaluate)
}

// proveEach does what Prove does, one change after the other.
func proveEach(s *Subject, all []Finding, evaluate func([]byte) (*Subject, error)) ([]byte, int, error) {
	todo := map[fault]bool{}
	for _, f := range all {
		todo[f.buildFault()] = f.Edit != nil
	}
	n := 0
	for {
		now := Check(s, Rules())
		f, ok := findNext(now, todo)
		if !ok {
			return s.Source, n, nil
		}
		todo[f.buildFault()] = false
		text, done := Mend(s, []Finding{f})
		if done == 0 {
			continue
		}
		again, err := evaluate(text)
		if err != nil {
			return s.Source, n, fmt.Errorf("cannot prove the fix of %s: %w", f.Rule, err)
		}
		if Worse(now, Check(again, Rules()), f) == "" {
			s, n = again, n+1
		}
	}
}

// findNext returns the next finding that is still to be fixed, false for none.
func findNext(now []Finding, todo map[fault]bool) (Finding, bool) {
	for _, f := range now {
		if f.Edit != nil && todo[f.buildFault()] {
			return f, true
		}
	}
	return Finding{}, false
}

// fault tells findings of one file apart, whatever line they are on.
type fault struct {
	rule, key string
	app       int
}

func (f Finding) buildFault() fault { return fault{f.Rule, f.Key, f.App} }

// countCertain returns the number of findings that an edit would fix.
func countCertain(all []Finding) int {
	n := 0
	for _, f := range all {
		if f.Edit != nil {
			n++
		}
	}
	return n
}

// Worse says why a file is no better for having one finding mended: it is still there,
// or an error or a warning has come; "" if the file is better. before and after are
// what is found in it.
func Worse(before, after []Finding, mended Finding) string {
	if countKinds(after)[classifyFinding(mended)] >= countKinds(before)[classifyFinding(mended)] {
		return mended.Rule + " is still found"
	}
	return findNew(before, after)
}

// findNew names an error or a warning that was not there before, "" if there is none.
func findNew(before, after []Finding) string {
	was := countKinds(before)
	for kind, n := range countKinds(after) {
		if kind.severity != Info && n > was[kind] {
			return fmt.Sprintf("%s is found, as it was not before", kind.rule)
		}
	}
	return ""
}

// kind is what findings are counted by.
type kind struct {
	rule     string
	app      int
	severity Severity
}

func classifyFinding(f Finding) kind { return kind{f.Rule, f.App, f.Severity} }

func countKinds(all []Finding) map[kind]int {
	n := map[kind]int{}
	for _, f := range all {
		n[classifyFinding(f)]++
	}
	return n
}
