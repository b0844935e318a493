package lint

// Group is one fault: what a rule says of the first app that has it, and the other
// apps of which it says the same.
type Group struct {
	Finding
	Others []Finding
}

// Grouped puts findings of one fault together, in the order of their first ones:
// those that a rule says in the same words of the same key, and those of one place in
// the text, where one line makes several apps.
func Grouped(all []Finding) []Group {
	var out []Group
	by := map[any]int{}
	for _, f := range all {
		same := [5]string{f.Rule, string(f.Severity), f.Key, f.Message, f.Fix}
		place := [3]any{f.Rule, f.Line, f.Col}
		i, ok := by[same]
		if !ok && f.Line > 0 && f.App >= 0 {
			i, ok = by[place]
			ok = ok && out[i].Severity == f.Severity && out[i].Name != f.Name
		}
		if !ok {
			i = len(out)
			out = append(out, Group{Finding: f})
			by[same], by[place] = i, i
			continue
		}
		out[i].Others = append(out[i].Others, f)
	}
	return out
}
