package reproduce

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/rate"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/harness/report/render"
	"github.com/pm2drill/pm2drill/scenarios"
)

// redSchema names the form of what --times --json prints.
const redSchema = "pm2drill/reproduction/1"

// red is a recorded drill that was not as it had to be, and how often that comes again.
type red struct {
	Scenario   string         `json:"scenario"`
	Arm        string         `json:"arm"`
	Seed       int64          `json:"seed"`
	Promises   []string       `json:"promises"`   // that were not as they had to be
	Times      int            `json:"times"`      // drills of it
	Judged     int            `json:"judged"`     // of these, that prove something
	Reproduced int            `json:"reproduced"` // of these, in which one of the promises was as it was then
	Interval   *rate.Interval `json:"interval"`   // of the rate, by Wilson with 95 %; null of none that prove anything
	scenario   scenarios.Scenario
}

// isReport reports whether --from names the folder of a report, and not a capture.
func (from Source) isReport() bool {
	info, err := os.Stat(from.file)
	return from.file != "" && err == nil && info.IsDir()
}

// reproduceReds drills again what is red in the report that --from names, each with its own
// seed and as often as --times says, and tells the rate.
func reproduceReds(ctx context.Context, c cli.Call, f session.Flags, from Source) int {
	r, err := folder.Load(from.file)
	if err != nil {
		return c.Complain("%v", err)
	}
	reds, err := listReds(r, c.Args)
	if err != nil {
		return c.Complain("%s: %v", from.file, err)
	}
	if was := r.Run.Versions.Engine; f.Engine == "" && f.EngineImage == "" && !strings.HasPrefix(was, "pm2drill engine") && slices.ContainsFunc(reds, red.isAided) {
		return c.Complain("%s: the engine %q was drilled there: name it with --engine or --engine-image", from.file, was)
	}
	f.Node, f.PM2 = cmp.Or(f.Node, r.Run.Versions.Node), cmp.Or(f.PM2, r.Run.Versions.PM2)
	f.Arms = evidence.Arms()
	progress := c.Stdout
	if from.asJSON {
		progress = c.Stderr
	}
	s := session.Session{Flags: f, Progress: session.NewProgress(progress, progress, false), Started: time.Now(), Quiet: true,
		Extra: []string{"--from", cli.QuoteWord(from.file), "--times", fmt.Sprint(from.times)}}
	if err := s.Prepare(ctx); err != nil {
		return c.Refuse(err)
	}
	s.Hooks.Rule = func(c cli.Call, again report.Report) promise.Verdict {
		countReds(reds, again.Drills)
		return tellReds(c, reds, s.Flags.Out, from.asJSON)
	}
	return s.Finish(c, s.Drill(ctx, newRedJobs(&s, reds, from.times)))
}

// listReds returns the red drills of a report, of the named scenario alone if one is named.
func listReds(r report.Report, names []string) ([]red, error) {
	var out []red
	for _, d := range r.Drills {
		broken := listBroken(d)
		if len(broken) == 0 || d.Record == nil || len(names) > 0 && !slices.Contains(names, d.Scenario) {
			continue
		}
		h := d.Record.Header
		found, _ := scenarios.Find([]string{d.Scenario})
		if h.Definition != "" || len(found) != 1 {
			return nil, fmt.Errorf("%s is not of the catalogue: drill it with `pm2drill run FOLDER --repeat N`", d.Scenario)
		}
		sc := found[0]
		if h.Varied != nil {
			var err error
			if sc, err = sc.VariedAs(h.Varied); err != nil {
				return nil, err
			}
		}
		out = append(out, red{Scenario: d.Scenario, Arm: d.Arm, Seed: h.Seed, Promises: broken, scenario: sc})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no drill of it is red, so there is nothing to reproduce: name a report with a broken promise, and a scenario that broke one")
	}
	return out, nil
}

// listBroken names the promises of a drill that prove that it was not as it had to be.
func listBroken(d report.Drill) []string {
	var out []string
	for _, x := range d.Rulings {
		if o := report.OutcomeOf(x); o == report.OutcomeBroken || o == report.OutcomeSpared {
			out = append(out, x.Name)
		}
	}
	return out
}

func (x red) isAided() bool { return x.Arm != evidence.ArmControl }

func (x red) name() string { return fmt.Sprintf("%s %s, seed %d", x.Scenario, x.Arm, x.Seed) }

// newRedJobs returns the drills of the reds, one after the other.
func newRedJobs(s *session.Session, reds []red, times int) []session.Job {
	var jobs []session.Job
	for _, x := range reds {
		for range times {
			jobs = append(jobs, session.Job{Scenario: x.scenario, Arm: x.Arm, Seed: x.Seed, Engine: s.NewEngine(), Title: x.name()})
		}
	}
	return jobs
}

// countReds counts in how many drills each red came again. The drills are those of newRedJobs.
func countReds(reds []red, drills []report.Drill) {
	if len(reds) == 0 {
		return
	}
	each := len(drills) / len(reds)
	for i := range reds {
		x := &reds[i]
		for _, d := range drills[i*each : (i+1)*each] {
			again := listBroken(d)
			x.Times++
			if !d.AsItMust() && len(again) == 0 {
				continue // it proves nothing
			}
			x.Judged++
			if slices.ContainsFunc(x.Promises, func(p string) bool { return slices.Contains(again, p) }) {
				x.Reproduced++
			}
		}
		if x.Judged > 0 {
			within := rate.Wilson(x.Reproduced, x.Judged)
			x.Interval = &within
		}
	}
}

// tellReds prints how often each red came again, and returns the verdict: kept if each did at
// least once, broken if one never did, inconclusive if one has no drill that proves anything.
func tellReds(c cli.Call, reds []red, out string, asJSON bool) promise.Verdict {
	verdict := promise.Kept
	for _, x := range reds {
		switch {
		case x.Judged == 0:
			verdict = promise.Worse(verdict, promise.Inconclusive)
		case x.Reproduced == 0:
			verdict = promise.Worse(verdict, promise.Broken)
		}
	}
	if asJSON {
		c.PrintJSON(struct {
			Schema string `json:"schema"`
			Report string `json:"report"`
			Reds   []red  `json:"reds"`
		}{redSchema, out, reds})
		return verdict
	}
	for _, x := range reds {
		cli.PrintLabelled(c, "red", x.name()+": "+strings.Join(x.Promises, ", "))
		cli.PrintLabelled(c, "reproduced", x.describe())
	}
	cli.PrintLabelled(c, "report", out)
	return verdict
}

// describe says how often the red came again.
func (x red) describe() string {
	if x.Interval == nil {
		return fmt.Sprintf("unknown: none of %d drills proves anything", x.Times)
	}
	return fmt.Sprintf("%d of %d drills that prove something, a rate of %s (95 %%)", x.Reproduced, x.Judged, render.FormatRange(*x.Interval))
}
