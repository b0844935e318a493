package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// fileErrors is how many deaths it takes where the engine has seen that the file is not there.
const fileErrors = 2

// diagnoseFileMissing returns a diagnosis where workers die before they have come up because a
// module or a file of settings is not there, or is half written: npm ci or a deployment may be
// at work. Which file it is may differ from death to death. It may be there at PM2's next start,
// so that nobody is stopped; workers that PM2 has given up are started again when it is.
func diagnoseFileMissing(c Facts) (Diagnosis, bool) {
	misses := func(text string) bool { _, ok := c.words.FindMissing(text); return ok }
	crashes := slices.DeleteFunc(slices.Clone(c.crashes), func(k crash) bool { return !k.isAtBoot() || !misses(k.text) })
	if len(crashes) == 0 {
		return c.findFileGivenUp(misses)
	}
	ids := slices.DeleteFunc(c.listDying(misses), func(id int) bool {
		w, _ := c.Now.FindWorker(id)
		return c.hasRecovered(w)
	})
	if len(ids) == 0 || c.countDeaths(crashes, Facts.hasNeverServed) < bootSeen || c.hasSomebodyServed(ids, crashes[0].at) || c.hasAnyComeUp(ids, crashes[0].at) {
		return Diagnosis{}, false
	}
	final := crashes[len(crashes)-1]
	missing, _ := c.words.FindMissing(final.text)
	least := bootErrors
	if f, looked := c.Now.FindFile(missing); looked && f.Path != "" && !f.There {
		least = fileErrors
	}
	if len(crashes) < least {
		return Diagnosis{}, false
	}
	return c.buildFileMissing(missing, ids,
		engine.Fact{Source: "bus", Text: fmt.Sprintf("%s within %s of a start, each of a file that is missing", formatCount(len(crashes), "death"), bootUptime)},
		engine.Fact{Source: c.findSource(final.text), Text: fmt.Sprintf("worker %d: %s", final.id, c.words.FindHeadline(final.text))}), true
}

// findFileGivenUp returns the same of workers that PM2 had given up before the engine began, once
// the engine has looked for the file.
func (c Facts) findFileGivenUp(misses func(text string) bool) (Diagnosis, bool) {
	said, ids := c.listGivenUp(misses)
	if !c.isMost(len(ids)) {
		return Diagnosis{}, false
	}
	final := said[len(said)-1]
	missing, _ := c.words.FindMissing(final.Text)
	if _, looked := c.Now.FindFile(missing); !looked {
		return Diagnosis{}, false
	}
	return c.buildFileMissing(missing, ids,
		engine.Fact{Source: "rpc", Text: fmt.Sprintf("PM2 has given %d of %d workers up: each has died again and again soon after its start", len(ids), len(c.ListDesired()))},
		engine.Fact{Source: "log", Text: fmt.Sprintf("worker %d, last: %s", final.ID, c.words.FindHeadline(final.Text))}), true
}

// listGivenUp lists the last errors for which match holds of the workers that PM2 had given up
// before the engine began, and these workers.
func (c Facts) listGivenUp(match func(text string) bool) (said []observe.Event, ids []int) {
	for _, e := range c.errors {
		if w, ok := c.Now.FindWorker(e.ID); ok && w.GaveUp && e.Kind == observe.KindLast && match(e.Text) {
			said, ids = append(said, e), append(ids, e.ID)
		}
	}
	slices.Sort(ids)
	return said, ids
}

func (c Facts) buildFileMissing(missing nodeerr.Missing, ids []int, seen ...engine.Fact) Diagnosis {
	file, state := missing.Name, ""
	f, looked := c.Now.FindFile(missing)
	switch {
	case !looked:
	case f.Path == "":
		state = "it does not belong in the app's folder, so the engine has not looked for it"
	case f.There:
		file, state = f.Path, f.Path+" is there by now"
	case missing.Data:
		file, state = f.Path, f.Path+" is not there, or is no JSON yet"
	default:
		file, state = f.Path, f.Path+" is not there"
	}
	human := "put %s in place, whole and readable (is npm ci or a deployment at work, or did it fail?)"
	if said := seen[len(seen)-1].Text; strings.Contains(said, "EACCES") || strings.Contains(said, "EPERM") {
		human = "give the app's user the right to open %s (did a script run as another user? a log must be writable)"
	}
	if state != "" {
		seen = append(seen, engine.Fact{Source: "probe", Text: state})
	}
	return Diagnosis{
		Cause: engine.FileMissing, Subject: "file", IDs: ids, Passes: true, File: missing, Confidence: 0.9, Evidence: seen,
		RuledOut: []engine.Ruled{
			{Cause: engine.BootCrash, Fact: "the error is about a file, which may be there at the next start"},
			{Cause: engine.DependencyOutage, Fact: "the error names no server that the app needs"},
		},
		Human: fmt.Sprintf(human+". PM2 goes on starting the workers; what it has given up the engine starts again", file),
	}
}

// listMissing lists the files that workers lack which died lately without having come up, or
// were given up before the engine began.
func (c Facts) listMissing() []nodeerr.Missing {
	var out []nodeerr.Missing
	add := func(text string) {
		if m, ok := c.words.FindMissing(text); ok && len(out) < maxFiles && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	for _, k := range slices.Backward(c.crashes) {
		if !k.came && k.at >= c.subtractFromNow(askAfterDeath) {
			add(k.text)
		}
	}
	for _, e := range c.errors {
		if e.Kind == observe.KindLast {
			add(e.Text)
		}
	}
	return out
}
