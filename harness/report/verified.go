package report

import (
	"slices"

	"github.com/pm2drill/pm2drill/harness/promise"
)

// Handler is code by which the app ends without losing a request when PM2 tells it to.
type Handler struct {
	Why       string   `json:"why"`       // the act that lost requests, and its ruling
	Framework string   `json:"framework"` // "Express"; "" where none was recognized
	File      string   `json:"file"`      // that the code goes into, relative to the ecosystem file
	Code      string   `json:"code"`
	Places    []string `json:"places"`             // FILE:LINE of the calls that hand the server to it
	NoPlace   string   `json:"no_place,omitempty"` // why it is known of no place; "" if the patch has it
	Limit     string   `json:"limit,omitempty"`    // what is lost in spite of it, "" if nothing should be
	Patch     string   `json:"patch"`              // for `git apply` in the folder of the ecosystem file; "" for none
}

// Verified is what became of the advice: it was applied to a copy, which was rehearsed with the
// same seed.
type Verified struct {
	Ruling  Repair     `json:"ruling"`
	Because string     `json:"because"`
	Applied []string   `json:"applied"` // patches: settings.patch, handler.patch
	Left    []string   `json:"left"`    // of the advice, what could not be applied, and why
	Report  string     `json:"report"`  // folder of the second rehearsal; "" if there was none
	Acts    []Repaired `json:"acts"`
}

// Repair is what a second rehearsal says of advice.
type Repair string

// The rulings of --verify.
const (
	RepairDone      Repair = "repaired"     // every promise is kept with the advice applied
	RepairFailed    Repair = "not repaired" // some promise is broken still
	RepairUnknown   Repair = "inconclusive" // the second rehearsal proves nothing
	RepairUnapplied Repair = "not applied"  // no part of the advice could be applied
)

// Repaired is one act without and with the advice.
type Repaired struct {
	Act    string  `json:"act"`
	Before Outturn `json:"before"`
	After  Outturn `json:"after"`
}

// Outturn is how an act ended.
type Outturn struct {
	Owed    int             `json:"owed"` // requests
	Dropped int             `json:"dropped"`
	Streams int             `json:"streams"` // that were opened
	Cut     int             `json:"cut"`     // of them, without notice
	Verdict promise.Verdict `json:"verdict"` // "" if it was not drilled
}

// CompareActs puts the acts of the rehearsals side by side, in the order of the first.
func CompareActs(before, after Digest) []Repaired {
	var out []Repaired
	for _, d := range before.Drills {
		x := Repaired{Act: d.Scenario, Before: outturnOf(d)}
		i := slices.IndexFunc(after.Drills, func(e DrillDigest) bool { return e.Scenario == d.Scenario })
		if i >= 0 {
			x.After = outturnOf(after.Drills[i])
		}
		out = append(out, x)
	}
	return out
}

func outturnOf(d DrillDigest) Outturn {
	owed, dropped := d.Figures.Totals()
	out := Outturn{Owed: owed, Dropped: dropped, Verdict: d.Verdict}
	if d.Record != nil {
		for _, t := range d.Record.StreamTallies {
			s := promise.SumStreams(d.Record, t.Lane)
			out.Streams, out.Cut = out.Streams+s.Opened, out.Cut+s.Cut
		}
	}
	return out
}
