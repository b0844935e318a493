package lint

// Settle makes findings of settings that an app should have, for Mend to carry out:
// in the place of what the app has, or else behind its name or its script.
func Settle(a App, wanted []Pair) []Finding {
	var out []Finding
	var missing []Pair
	for _, p := range wanted {
		if !a.has(p.Key) {
			missing = append(missing, p)
			continue
		}
		key := a.findSpelling(p.Key)
		out = append(out, a.of.complete(Rule{}, Finding{App: a.Index, Key: key, Edit: &Edit{Set: p.Value}}))
	}
	for _, key := range []string{"name", "script"} {
		if len(missing) > 0 && a.has(key) {
			return append(out, a.of.complete(Rule{}, Finding{App: a.Index, Key: a.findSpelling(key), Edit: &Edit{Add: missing}}))
		}
	}
	return out
}
