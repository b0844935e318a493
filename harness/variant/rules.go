package variant

import "slices"

// Rule is a combination that cannot be, or that would be an incident of its own.
type Rule struct {
	Says string // what it bars, and why
	// Of are the dimensions that it is about. It is asked once all of them that a space
	// has are drawn.
	Of   []string
	Bars func(Variant) bool
}

// Rules are all rules.
func Rules() []Rule {
	return []Rule{
		{
			Says: "several workers in fork mode: each would bind the port",
			Of:   []string{dimMode, dimWorkers},
			Bars: func(v Variant) bool { return v.Fork && v.Workers != 1 },
		},
		{
			Says: "more than four workers that start again and again without a pause: that takes the whole host",
			Of:   []string{dimWorkers, dimRestarts},
			Bars: func(v Variant) bool { return v.Workers > 4 && !isPausing(v) },
		},
		{
			Says: "more than eight workers with a framework that takes long to load: that measures the host",
			Of:   []string{dimWorkers, dimFramework},
			Bars: func(v Variant) bool { return v.Workers > 8 && v.Framework == "nest" },
		},
		{
			Says: "more than four workers and a short listen_timeout: they start slowly, which is an incident of its own",
			Of:   []string{dimWorkers, dimReady},
			Bars: func(v Variant) bool { return v.Workers > 4 && isImpatient(v) },
		},
		{
			Says: "a framework that takes long to load and a short listen_timeout: that is an incident of its own",
			Of:   []string{dimFramework, dimReady},
			Bars: func(v Variant) bool { return v.Framework == "nest" && isImpatient(v) },
		},
		{
			Says: "streams of two seconds and a short kill_timeout: that is an incident of its own",
			Of:   []string{dimLoad, dimKill},
			Bars: func(v Variant) bool {
				timeout, set := v.Settings["kill_timeout"].(int)
				return set && timeout < 5_000 && v.Streams
			},
		},
	}
}

// isImpatient reports whether PM2 waits for the app's word, and not for long.
func isImpatient(v Variant) bool {
	timeout, waits := v.Settings["listen_timeout"].(int)
	return waits && timeout < 10_000
}

// isPausing reports whether PM2 waits before it starts a worker again. The fixtures whose
// workers die again and again have it in their files.
func isPausing(v Variant) bool {
	chosen := v.findChosen(dimRestarts)
	return chosen == "" || chosen == restartsOfFile || v.Settings["restart_delay"] != nil ||
		v.Settings["exp_backoff_restart_delay"] != nil
}

// listDue returns the rules that are to be asked for the last of the drawn dimensions:
// they are about it, and about no other that the space has and that is not drawn yet.
func listDue(drawn, space Space) []Rule {
	last := drawn[len(drawn)-1].Name
	return slices.DeleteFunc(Rules(), func(r Rule) bool {
		return slices.ContainsFunc(r.Of, func(name string) bool { return space.has(name) && !drawn.has(name) }) || !slices.Contains(r.Of, last)
	})
}

func (s Space) has(name string) bool {
	return slices.ContainsFunc(s, func(d Dimension) bool { return d.Name == name })
}
