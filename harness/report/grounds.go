package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// EngineWords is what an engine's words are worth, over the drills that it runs in.
type EngineWords struct {
	Cited    int      `json:"cited"`         // facts in diagnoses and alerts, each text once in a drill
	Grounded int      `json:"grounded"`      // those of which the record holds all that they name
	Wrong    int      `json:"wrong_lines"`   // lines on stdout that break the contract
	First    string   `json:"first_wrong"`   // how the first of these does, "" for none
	Without  []string `json:"not_on_record"` // some of the facts that are not grounded
}

// mostUngrounded bounds the facts that are told one by one.
const mostUngrounded = 5

// checkWords compares what the engine says in a drill with the record, and counts the
// facts that it cites and those that the record bears out.
func checkWords(d Drill) EngineWords {
	out := EngineWords{Without: []string{}}
	if d.Record == nil || d.Record.Unaided() {
		return out
	}
	cited, grounded := promise.Facts(d.Record)
	out.Cited, out.Grounded = len(cited), len(grounded)
	for _, f := range cited {
		if len(out.Without) < mostUngrounded && !slices.Contains(grounded, f) {
			out.Without = append(out.Without, fmt.Sprintf("%s: %s", f.Source, f.Text))
		}
	}
	for _, c := range d.Record.Claims {
		if c.Wrong != "" {
			out.Wrong, out.First = out.Wrong+1, cmp.Or(out.First, c.Wrong)
		}
	}
	return out
}

// WordsOf sums the words of several drills up.
func WordsOf(drills []DrillDigest) EngineWords {
	out := EngineWords{Without: []string{}}
	for _, d := range drills {
		w := d.Words
		out.Cited, out.Grounded, out.Wrong = out.Cited+w.Cited, out.Grounded+w.Grounded, out.Wrong+w.Wrong
		out.First = cmp.Or(out.First, w.First)
		out.Without = append(out.Without, w.Without[:min(len(w.Without), mostUngrounded-len(out.Without))]...)
	}
	return out
}

// AvoidableOf sums the avoidable losses of the drills that the engine runs in up, by lane;
// nil where nothing was counted.
func AvoidableOf(drills []DrillDigest) (by map[string]int) {
	for _, d := range drills {
		if d.Avoidable != nil && by == nil {
			by = map[string]int{}
		}
		for lane, n := range d.Avoidable {
			by[lane] += n
		}
	}
	return by
}

// Total sums a count by lane up.
func Total(by map[string]int) (n int) {
	for _, k := range by {
		n += k
	}
	return n
}

// Ending is how a worker's process ended.
type Ending struct {
	AtMS   float64 `json:"at_ms"`
	PID    int     `json:"pid"`
	Worker int     `json:"worker"`
	By     string  `json:"by"`
	How    string  `json:"how"`
	Why    string  `json:"why"`
}

// mostEndings bounds the ends of processes that are told one by one: a crash loop has many.
const mostEndings = 100

// listEndings returns how the workers' processes ended from the steady state on, at most
// mostEndings of them.
func listEndings(d Drill) []Ending {
	out := []Ending{}
	if d.Record == nil {
		return out
	}
	steady, ok := d.Record.Mark(evidence.MarkSteady)
	for _, e := range promise.Endings(d.Record) {
		if ok && e.Exit.At >= steady.At && len(out) < mostEndings {
			out = append(out, Ending{Millis(e.Exit.At - d.Start()), e.Exit.PID, e.Exit.ID, e.By, e.How, e.Why})
		}
	}
	return out
}
