package lint

import (
	"cmp"
	"slices"
)

// Check holds the file to the rules. Findings come in the order of the text. Of a file
// that depends on what nobody knows beforehand it finds what holds in any case.
func Check(s *Subject, rules []Rule) []Finding {
	var out []Finding
	for _, r := range rules {
		var found []Finding
		if r.File != nil {
			found = r.File(s)
		}
		if r.Apps != nil {
			for _, a := range s.Apps {
				found = append(found, r.Apps(a)...)
			}
		}
		for _, f := range found {
			out = append(out, s.complete(r, f))
		}
	}
	if s.isFilledIn() {
		for i := range out {
			out[i].Severity, out[i].Edit = Info, nil
			out[i].Fix = "Nothing, if this is a template that another program fills in: validate what it makes. Else: " + out[i].Fix
		}
	}
	out = keepDecided(s, out, rules)
	sortFindings(out)
	return out
}

// sortFindings sorts findings by their places in the text, the worst of a place first.
func sortFindings(all []Finding) {
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col), cmp.Compare(b.Severity.computeRank(), a.Severity.computeRank()), cmp.Compare(a.Rule, b.Rule))
	})
}

// complete fills in what is the rule's and where it is.
func (s *Subject) complete(r Rule, f Finding) Finding {
	f.Rule, f.Severity, f.Fix = r.ID, cmp.Or(f.Severity, r.Severity), cmp.Or(f.Fix, r.Fix)
	if f.Line == 0 {
		at := s.Loaded.At(f.App, f.Key)
		f.Line, f.Col, f.Width = at.Line, at.Col, at.Width
	}
	f.Width = max(1, f.Width)
	return f
}

// Worst is the worst severity of the findings; "" if there are none.
func Worst(all []Finding) Severity {
	var worst Severity
	for _, f := range all {
		if worst == "" || f.Severity.computeRank() > worst.computeRank() {
			worst = f.Severity
		}
	}
	return worst
}
