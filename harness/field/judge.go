package field

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// Verdict is what came of a case.
type Verdict struct {
	Case   string   `json:"case"`
	Story  string   `json:"story"`
	Alone  Service  `json:"pm2_alone"`
	With   Service  `json:"with_engine"`
	Told   *float64 `json:"told_after_s"` // of the first alert that names what it should; nil for never
	First  *float64 `json:"first_alert_s"`
	Says   []string `json:"says"` // causes, in order
	Did    []string `json:"did"`  // actions begun
	Broken []string `json:"broken"`
	Lag    float64  `json:"host_lag_s"`      // by how much the test itself was late at the worst
	Noisy  []string `json:"noisy,omitempty"` // what would be broken, had the host been quiet
	Void   string   `json:"void,omitempty"`  // why the case proves nothing
}

// Service is how an arm served.
type Service struct {
	Served   float64 `json:"served_s"`
	Of       float64 `json:"of_s"`
	Answered int     `json:"answered"`
	Owed     int     `json:"owed"`
	Online   int     `json:"online_at_end"`
	Back     float64 `json:"last_unserved_s"` // end of the last window without an answer
	Cut      int     `json:"streams_cut,omitempty"`
}

const (
	slack = 2 * time.Second
	share = 0.03
	// lull is how long nothing must be answered to count as an outage.
	lull = 1500 * time.Millisecond
	// noise is by how much the test itself may be late; beyond it, what hangs on seconds
	// proves nothing.
	noise = 500 * time.Millisecond
)

// Judge says what of a case is broken. It is a function of the records alone.
func Judge(c Case, alone, with *Record) Verdict {
	v := Verdict{Case: c.Name, Story: c.Story, Alone: c.computeService(alone), With: c.computeService(with), Lag: max(alone.Lag, with.Lag).Seconds()}
	for _, arm := range []struct {
		name string
		r    *Record
	}{{"PM2 alone", alone}, {"with the engine", with}} {
		if arm.r.Failed != "" {
			v.Void = arm.name + ": " + arm.r.Failed
		}
	}
	v.judgeTold(c, with)
	v.collectHeard(with)
	if c.Refused {
		v.judgeRefusal(c, with)
		return v
	}
	v.compareService(c, alone, with)
	v.judgeWords(c, with)
	if with.Ended != nil {
		v.addBroken("the engine ended by itself with exit code %d at %.1f s: %.300s", with.Ended.Code, with.Ended.At.Seconds(), with.Stderr)
	}
	for _, rule := range c.Holds {
		if what := rule.Broken(alone, with); what != "" {
			v.addBroken("%s: %s", rule.Name, what)
		}
	}
	return v
}

// addLate does what addBroken does for what depends on seconds: on a noisy host it proves
// nothing.
func (v *Verdict) addLate(format string, args ...any) {
	if v.Lag > noise.Seconds() {
		v.Noisy = append(v.Noisy, fmt.Sprintf(format, args...))
		return
	}
	v.addBroken(format, args...)
}

func (v *Verdict) addBroken(format string, args ...any) {
	v.Broken = append(v.Broken, fmt.Sprintf(format, args...))
}

func (c Case) computeService(r *Record) Service {
	ok, owed := r.Answered()
	s := Service{Served: r.Served(0, c.Watch).Seconds(), Of: c.Watch.Seconds(), Answered: ok, Owed: owed,
		Online: r.Online(c.parseName()), Cut: r.Streams.Cut}
	for _, g := range c.findGaps(r) {
		s.Back = g.until.Seconds()
	}
	return s
}

// gap is a time in which nothing was answered.
type gap struct{ from, until time.Duration }

// findGaps returns the times of at least lull in which nothing was answered.
func (c Case) findGaps(r *Record) []gap {
	served := map[time.Duration]bool{}
	for _, q := range r.Requests {
		if q.OK() && !q.Harmful {
			served[q.Due/window] = true
		}
	}
	var all []gap
	from := time.Duration(0)
	for at := time.Duration(0); at+window <= c.Watch; at += window {
		if served[at/window] {
			from = at + window
		} else if at+window-from == lull {
			all = append(all, gap{from, at + window})
		} else if at+window-from > lull {
			all[len(all)-1].until = at + window
		}
	}
	return all
}

// compareService compares the arm with the engine with that of PM2 alone.
func (v *Verdict) compareService(c Case, alone, with *Record) {
	if c.Silent {
		if v.With.Online < v.Alone.Online {
			v.addBroken("worse than PM2 alone: %d workers are online at the end, %d without the engine", v.With.Online, v.Alone.Online)
		}
		return
	}
	if v.Alone.Owed == 0 || v.With.Owed == 0 {
		v.Void = cmp.Or(v.Void, "no request was sent")
		return
	}
	if less, may := v.Alone.Served-v.With.Served, cmp.Or(c.Slack, slack).Seconds(); less > may {
		v.addLate("worse than PM2 alone: served %.1f s of %.0f, %.1f s without the engine (tolerance %.1f s)", v.With.Served, v.With.Of, v.Alone.Served, may)
	}
	a, w := float64(v.Alone.Answered)/float64(v.Alone.Owed), float64(v.With.Answered)/float64(v.With.Owed)
	if may := cmp.Or(c.Share, share); a-w > may {
		v.addLate("worse than PM2 alone: answered %.1f %% of the requests, %.1f %% without the engine (tolerance %.0f points)", 100*w, 100*a, 100*may)
	}
	if v.With.Online < v.Alone.Online {
		v.addBroken("worse than PM2 alone: %d workers are online at the end, %d without the engine", v.With.Online, v.Alone.Online)
	}
	if v.With.Cut > v.Alone.Cut {
		v.addLate("worse than PM2 alone: %d open streams cut, %d without the engine", v.With.Cut, v.Alone.Cut)
	}
	if c.Serves > 0 && v.With.Back > c.Serves.Seconds() {
		v.addLate("it must serve again after %.0f s, and did not until %.1f s", c.Serves.Seconds(), v.With.Back)
	}
}

// judgeTold finds when people were told.
func (v *Verdict) judgeTold(c Case, with *Record) {
	naming := regexp.MustCompile("(?is)" + with.Names.fill(c.Told.Naming))
	for _, a := range with.Alerts {
		alert, err := engine.DecodeAlert([]byte(a.Text))
		if err != nil {
			v.addBroken("an alert cannot be read: %v", err)
			continue
		}
		after := (a.At - c.Fault).Seconds()
		if alert.Status != "firing" {
			continue
		}
		// What never serves is at fault before the schedule begins.
		if after < 0 && !c.NeverUp {
			v.addBroken("an alert %.1f s before the fault: %s", -after, alert.Cause)
			continue
		}
		if v.First == nil {
			v.First = &after
		}
		if v.Told == nil && naming.MatchString(unescapeJSON(removeRuledOut(a.Text))) {
			v.Told = &after
		}
	}
	switch {
	case c.Quiet && v.First != nil:
		v.addBroken("an alert although nothing is wrong, after %.1f s", *v.First)
	case c.Told.Within == 0 || c.Refused:
	case v.First == nil:
		v.addBroken("nobody was told (deadline %.0f s)", c.Told.Within.Seconds())
	case v.Told == nil:
		v.addBroken("no alert names %q", c.Told.Naming)
	case *v.Told > c.Told.Within.Seconds():
		v.addLate("told after %.1f s (deadline %.0f s)", *v.Told, c.Told.Within.Seconds())
	}
}

// unescapeJSON undoes JSON's escapes of <, > and &.
func unescapeJSON(text string) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(text)
}

// judgeWords compares what the engine said and did with what it should.
func (v *Verdict) judgeWords(c Case, with *Record) {
	said := unescapeJSON(with.Words())
	for _, want := range c.Says {
		if !regexp.MustCompile("(?i)" + want).MatchString(said) {
			v.addBroken("it does not say %q", want)
		}
	}
	for _, never := range c.Never {
		if found := regexp.MustCompile("(?i)" + never).FindStringIndex(said); found != nil {
			v.addBroken("it says %q: %s", never, said[max(0, found[0]-60):min(len(said), found[1]+60)])
		}
	}
	for _, never := range c.NeverDoes {
		for _, did := range v.Did {
			if action, _, _ := strings.Cut(did, " "); action == never {
				v.addBroken("it does %q", did)
				break
			}
		}
	}
}

// collectHeard gathers causes and actions.
func (v *Verdict) collectHeard(with *Record) {
	seen := map[string]bool{}
	for _, l := range with.Lines {
		line, err := engine.DecodeLine([]byte(l.Text))
		if err != nil {
			var any map[string]any
			if json.Unmarshal([]byte(l.Text), &any) != nil {
				v.addBroken("a line is no JSON: %.80q", l.Text)
			}
			continue
		}
		if line.Type == engine.TypeDetected && !seen[string(line.Cause)] {
			seen[string(line.Cause)] = true
			v.Says = append(v.Says, string(line.Cause))
		}
		if line.Type == engine.TypeAction && line.Phase == "begin" {
			did := line.Action
			if line.ID != nil {
				did = fmt.Sprintf("%s %d", did, *line.ID)
			}
			v.Did = append(v.Did, did)
		}
	}
}

// judgeRefusal judges the exit code and the complaint of an engine that must not start.
func (v *Verdict) judgeRefusal(c Case, with *Record) {
	switch {
	case with.Ended == nil:
		v.addBroken("it was not refused: the engine runs on")
	case with.Ended.Code != 64:
		v.addBroken("exit code %d, want 64: %.300s", with.Ended.Code, with.Stderr)
	case !regexp.MustCompile("(?is)" + with.Names.fill(c.Told.Naming)).MatchString(with.Stderr):
		v.addBroken("its complaint does not match %q: %.300s", c.Told.Naming, with.Stderr)
	}
}
