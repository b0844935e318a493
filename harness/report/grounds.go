package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// wordsJSON is what an engine's words are worth, over the drills that it runs in.
type wordsJSON struct {
	Cited    int      `json:"cited"`         // facts in diagnoses and alerts, each text once in a drill
	Grounded int      `json:"grounded"`      // those of which the record holds all that they name
	Wrong    int      `json:"wrong_lines"`   // lines on stdout that break the contract
	First    string   `json:"first_wrong"`   // how the first of these does, "" for none
	Without  []string `json:"not_on_record"` // some of the facts that are not grounded
}

// mostUngrounded bounds the facts that are told one by one.
const mostUngrounded = 5

// wordsIn holds what the engine says in a drill against its record.
func wordsIn(d Drill) wordsJSON {
	out := wordsJSON{Without: []string{}}
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

// wordsOf sums the words of several drills up.
func wordsOf(drills []DrillDigest) wordsJSON {
	out := wordsJSON{Without: []string{}}
	for _, d := range drills {
		w := d.words
		out.Cited, out.Grounded, out.Wrong = out.Cited+w.Cited, out.Grounded+w.Grounded, out.Wrong+w.Wrong
		out.First = cmp.Or(out.First, w.First)
		out.Without = append(out.Without, w.Without[:min(len(w.Without), mostUngrounded-len(out.Without))]...)
	}
	return out
}

// sentences tell of it, none where nothing was said.
func (w wordsJSON) sentences() []string {
	var out []string
	if w.Cited > 0 {
		out = append(out, fmt.Sprintf("The engine cites %s; %s grounded: what they name is on record.",
			count(w.Cited, "fact"), number(w.Grounded)+pick(w.Grounded, " is", " are")))
	}
	if w.Wrong > 0 {
		out = append(out, fmt.Sprintf("%s of its stdout %s the contract; the first: %.200s.", count(w.Wrong, "line"), pick(w.Wrong, "breaks", "break"), w.First))
	}
	return out
}

// avoidableOf sums the avoidable losses of the drills that the engine runs in up, by lane;
// nil where nothing was counted.
func avoidableOf(drills []DrillDigest) (by map[string]int) {
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

// total sums a count by lane up.
func total(by map[string]int) (n int) {
	for _, k := range by {
		n += k
	}
	return n
}

// avoidableSentence says how many of the dropped requests an engine could have saved, ""
// where nothing was counted.
func avoidableSentence(by map[string]int) string {
	if by == nil {
		return ""
	}
	n := total(by)
	if n == 0 {
		return "Avoidable: none. No request was dropped that an engine could have saved."
	}
	var lanes []string
	for lane := range by {
		if by[lane] > 0 {
			lanes = append(lanes, lane)
		}
	}
	slices.SortFunc(lanes, func(a, b string) int { return cmp.Or(laneRank(a)-laneRank(b), strings.Compare(a, b)) })
	for i, lane := range lanes {
		lanes[i] = fmt.Sprintf("%s %s", number(by[lane]), lane)
	}
	return fmt.Sprintf("Avoidable: %s (%s). An engine that detects and recovers at the floor would have saved %s.",
		count(n, "dropped request"), strings.Join(lanes, ", "), pick(n, "it", "them"))
}

// endingJSON is how a worker's process ended.
type endingJSON struct {
	AtMS   float64 `json:"at_ms"`
	PID    int     `json:"pid"`
	Worker int     `json:"worker"`
	By     string  `json:"by"`
	How    string  `json:"how"`
	Why    string  `json:"why"`
}

// mostEndings bounds the ends of processes that are told one by one: a crash loop has many.
const mostEndings = 100

// endingsOf lists how the workers' processes ended from the steady state on.
func endingsOf(d Drill) []endingJSON {
	out := []endingJSON{}
	if d.Record == nil {
		return out
	}
	steady, ok := d.Record.Mark(evidence.MarkSteady)
	for _, e := range promise.Endings(d.Record) {
		if ok && e.Exit.At >= steady.At && len(out) < mostEndings {
			out = append(out, endingJSON{ms(e.Exit.At - d.start()), e.Exit.PID, e.Exit.ID, e.By, e.How, e.Why})
		}
	}
	return out
}
