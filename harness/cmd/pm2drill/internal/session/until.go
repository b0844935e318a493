package session

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/rate"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// Until says when a run that repeats its drills has shown enough: as soon as the rate of
// drills that break a promise is known to be below a bound, or above it.
type Until struct {
	Bound  float64 // above 0 and below 1; 0 of a run that is not repeated so
	AtMost int     // drills; 0 for timesFewest as many as would do if none broke a promise
}

// timesFewest is by how many times more drills are done at most than would do if none broke a
// promise. Four times as many find a rate below the bound that is half of it in most cases.
const timesFewest = 4

// limit returns the number of drills at most.
func (u Until) limit() int {
	if u.AtMost > 0 {
		return u.AtMost
	}
	return timesFewest * rate.FewestTries(u.Bound)
}

// Words returns the flags that ask for it.
func (u Until) Words() []string {
	if u.Bound == 0 {
		return nil
	}
	return []string{"--until", formatBound(u.Bound), "--at-most", strconv.Itoa(u.limit())}
}

// tally counts drills that break a promise among those that prove something.
type tally struct{ broken, judged, drills int }

func countBroken(drills []report.Drill) (t tally) {
	for _, d := range drills {
		t.drills++
		switch {
		case d.AsItMust():
			t.judged++
		case d.Verdict == promise.Broken:
			t.judged, t.broken = t.judged+1, t.broken+1
		}
	}
	return t
}

// describe says how far the drills are from telling.
func (u Until) describe(t tally) string {
	text := fmt.Sprintf("until %s: %d of %d drills that prove something broke a promise", formatBound(u.Bound), t.broken, t.judged)
	if t.judged > 0 {
		text += fmt.Sprintf(", a rate of %s", render.FormatRange(rate.Wilson(t.broken, t.judged)))
	}
	switch found := rate.Against(t.broken, t.judged, u.Bound); {
	case found != rate.Undecided:
		return text + fmt.Sprintf(": it is %s %s", found, formatBound(u.Bound))
	case t.drills >= u.limit():
		return text + fmt.Sprintf(": undecided after %d drills, and at most that many were to be done", t.drills)
	}
	return text + fmt.Sprintf(": undecided; %d drills were done of at most %d", t.drills, u.limit())
}

// rule returns the verdict on the bound.
func (u Until) rule(t tally) promise.Verdict {
	switch rate.Against(t.broken, t.judged, u.Bound) {
	case rate.Below:
		return promise.Kept
	case rate.Above:
		return promise.Broken
	}
	return promise.Inconclusive
}

// DrillUntil repeats the jobs of a round, each time with the next seed, until the bound holds
// or breaks, or so many drills have been done. A round is as many repetitions as fill the
// places of the hosts.
func (s *Session) DrillUntil(ctx context.Context, u Until, round func(seed int64) []Job) error {
	s.Hooks.Rule = func(_ cli.Call, r report.Report) promise.Verdict {
		s.Progress.Tell(u.describe(countBroken(r.Drills)))
		return u.rule(countBroken(r.Drills))
	}
	s.Progress.Tell(fmt.Sprintf("until %s: at least %d drills are needed, if none of them breaks a promise, and at most %d are done",
		formatBound(u.Bound), rate.FewestTries(u.Bound), u.limit()))
	for seed := s.Flags.Seed; ; {
		var jobs []Job
		for n := 0; n == 0 || len(jobs) < newPool(s.hosts, 1).wide(); n++ {
			more := round(seed)
			if len(more) == 0 {
				break // Drill says so
			}
			jobs = append(jobs, more...)
			seed++
		}
		if left := u.limit() - len(s.Report.Drills); len(jobs) > left {
			jobs = jobs[:left]
		}
		if err := s.Drill(ctx, jobs); err != nil {
			return err
		}
		t := countBroken(s.Report.Drills)
		if u.rule(t) != promise.Inconclusive || t.drills >= u.limit() {
			return nil
		}
		s.Progress.Tell(u.describe(t))
	}
}

// rateFlag is a flag for a rate, such as 0.1% or 0.001.
type rateFlag struct{ to *float64 }

func (f rateFlag) String() string {
	if f.to == nil || *f.to == 0 {
		return ""
	}
	return formatBound(*f.to)
}

func (rateFlag) Type() string { return "rate" }

func (f rateFlag) Set(text string) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	value, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		value /= 100
	}
	if err != nil || !(value > 0 && value < 1) {
		return fmt.Errorf("give a rate between 0 and 1, such as 0.1%% or 0.001")
	}
	*f.to = value
	return nil
}

// formatBound returns a rate as a flag has it: "0.1%".
func formatBound(bound float64) string {
	return strconv.FormatFloat(100*bound, 'g', 12, 64) + "%"
}
