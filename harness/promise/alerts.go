package promise

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// alert is an alert's body, in the types of the contract's schema; CONTRACT.md has the
// whole. What a judge does not read is here for its type.
type alert struct {
	Engine     string       `json:"engine"`
	Status     string       `json:"status"`
	App        string       `json:"app"`
	Cause      string       `json:"cause"`
	Symptom    string       `json:"symptom"`
	Confidence float64      `json:"confidence"`
	Evidence   []alertFact  `json:"evidence"`
	RuledOut   []alertRuled `json:"ruled_out"`
	FirstSeen  *time.Time   `json:"first_seen"`
	LastSeen   *time.Time   `json:"last_seen"`
	Workers    []alertRow   `json:"workers"`
	Actions    []struct {
		Action string `json:"action"`
		ID     *int   `json:"id"`
		Result string `json:"result"`
		Why    string `json:"why"`
	} `json:"actions"`
	Timeline []struct {
		By   string `json:"by"`
		Text string `json:"text"`
	} `json:"timeline"`
	Human      string   `json:"human"`
	Next       string   `json:"next"`
	Undo       string   `json:"undo"`
	Suppressed int      `json:"suppressed"`
	Logs       []string `json:"logs"`
	Dedupe     string   `json:"dedupe"`
}

type alertFact struct {
	Source string `json:"source"`
	Text   string `json:"text"`
}

type alertRuled struct {
	Cause string `json:"cause"`
	Fact  string `json:"fact"`
}

type alertRow struct {
	ID     *int   `json:"id"`
	PID    *int   `json:"pid"`
	Status string `json:"status"`
}

// Alerts: within d of the injection the engine posts one alert, and only one,
// that names the cause and carries the incident's context. Before it one of its symptom may
// have come, under the same fingerprint. Where several things are wrong at once, besides has
// the others' causes, of which there may be alerts too.
func Alerts(cause string, d time.Duration, besides ...string) Promise {
	return Promise{
		Name:     "alerts",
		Needs:    Alert,
		Sentence: fmt.Sprintf("within %s the engine posts one alert of %s with its context%s", d, cause, describeOtherCauses(besides)),
		Judge:    func(r *evidence.Record) Finding { return judgeAlerts(r, cause, d, besides) },
		Later:    func(by time.Duration) Promise { return Alerts(cause, d+by, besides...) },
	}
}

// describeOtherCauses returns the part of a sentence that names the causes of which there
// may be other alerts, "" for none.
func describeOtherCauses(causes []string) string {
	if len(causes) == 0 {
		return ""
	}
	return ", and none but of that and " + strings.Join(causes, ", ")
}

func judgeAlerts(r *evidence.Record, cause string, d time.Duration, besides []string) Finding {
	inject, _ := r.Mark(evidence.MarkInject)
	var firing []evidence.Alert
	var forerunners, named []string // fingerprints of the alerts of a symptom, and of a cause
	pages := newPages(r)
	for _, posted := range r.Alerts {
		var a alert
		if err := json.Unmarshal(posted.Body, &a); err != nil {
			return newBroken("an alert is not what the contract's schema says: "+err.Error(), posted.At)
		}
		if flood := pages.count(a, cause); flood != "" {
			return newBroken(flood, posted.At)
		}
		if a.Status == "resolved" {
			if len(firing) == 0 { // what comes after it is another incident
				forerunners = slices.DeleteFunc(forerunners, func(key string) bool { return key == a.Dedupe })
			}
			continue
		}
		if invented := a.invented(r, posted.At); invented != "" {
			return newBroken("an alert cites what was never there: "+invented, posted.At)
		}
		if a.isForerunner(cause) {
			if posted.At < inject.At {
				return newBroken("it alerted of a symptom before anything was injected", posted.At)
			}
			if missing := a.findBare(r.Header.App); missing != "" {
				return newBroken("an alert of a symptom lacks "+missing, posted.At)
			}
			forerunners = append(forerunners, a.Dedupe)
			continue
		}
		about := cause
		if slices.Contains(besides, a.Cause) {
			about = a.Cause
		}
		if missing := a.findMissing(r.Header.App, about); missing != "" {
			return newBroken("an alert lacks "+missing, posted.At)
		}
		named = append(named, a.Dedupe)
		if about == cause {
			firing = append(firing, posted)
		}
	}
	switch {
	case len(firing) == 0:
		return newBroken("no alert came"+describeCause(besides, cause), inject.At)
	case len(firing) > 1:
		return newBroken(fmt.Sprintf("%d alerts came for one incident", len(firing)), firing[1].At)
	case slices.ContainsFunc(forerunners, func(key string) bool { return !slices.Contains(named, key) }):
		return newBroken("its symptom and its cause came under different fingerprints", firing[0].At)
	case firing[0].At-inject.At > d:
		return newBroken(fmt.Sprintf("the alert came after %s", (firing[0].At-inject.At).Round(time.Millisecond)), firing[0].At)
	}
	return newKept(fmt.Sprintf("one alert after %s", (firing[0].At - inject.At).Round(time.Millisecond)))
}

// invented says what of the context was never there, "" for nothing: all rows of the table of
// workers, or all workers that the facts name. What is wrong in part may be late, or of a process
// that nobody else saw.
func (a alert) invented(r *evidence.Record, at time.Duration) string {
	g := newGround(r)
	known := func(row alertRow) bool {
		return row.ID != nil && g.hasSnapshot(at, func(s evidence.Snapshot) bool { return lists(s, *row.ID) }) ||
			row.PID != nil && g.hasSnapshot(at, func(s evidence.Snapshot) bool { return hasNumber(s, "pid", *row.PID) })
	}
	if len(a.Workers) > 0 && !slices.ContainsFunc(a.Workers, known) {
		return fmt.Sprintf("none of the %d workers in its table is PM2's", len(a.Workers))
	}
	var named []string
	for _, f := range a.Evidence {
		for _, m := range g.named.FindAllStringSubmatch(f.Text, -1) {
			n, err := strconv.Atoi(m[2])
			if !strings.EqualFold(m[1], "worker") || err != nil {
				continue
			}
			if g.hasSnapshot(at, func(s evidence.Snapshot) bool { return lists(s, n) }) {
				return ""
			}
			named = append(named, m[2])
		}
	}
	if len(named) > 0 {
		return "PM2 has no worker " + strings.Join(named, ", ")
	}
	return ""
}

// lists reports whether PM2's list has a worker of that id or number, of any app, at that look.
func lists(s evidence.Snapshot, n int) bool {
	return slices.ContainsFunc(slices.Concat(s.Workers, s.Others), func(w evidence.Worker) bool {
		return w.ID == n || w.Instance == strconv.Itoa(n)
	})
}

// describeCause returns the part of a sentence that names the alert that is meant, where
// there may be other alerts; "" where there are none.
func describeCause(besides []string, cause string) string {
	if len(besides) == 0 {
		return ""
	}
	return " of " + cause
}

// isForerunner reports whether an alert tells of a symptom whose cause is not known yet: the
// cause follows in an alert of its own.
func (a alert) isForerunner(cause string) bool {
	return a.Symptom != "" && a.Cause == undetermined && cause != a.Cause
}

// findMissing names the first thing that the alert's context lacks, "" if it is complete.
func (a alert) findMissing(app, cause string) string {
	if a.Cause != cause {
		return fmt.Sprintf("the cause (%q is not %q)", a.Cause, cause)
	}
	if bare := a.findBare(app); bare != "" {
		return bare
	}
	switch {
	case a.Confidence < 0 || a.Confidence > 1:
		return fmt.Sprintf("a confidence between 0 and 1 (it is %g)", a.Confidence)
	case len(a.RuledOut) == 0:
		return "the look-alikes it ruled out"
	case slices.ContainsFunc(a.RuledOut, func(x alertRuled) bool { return x.Cause == "" || x.Fact == "" }):
		return "the cause or the fact of a look-alike that it ruled out"
	case !slices.ContainsFunc(a.RuledOut, func(x alertRuled) bool { return x.Cause != a.Cause }):
		return "a look-alike that it ruled out: it names its own cause"
	case len(a.Workers) == 0:
		return "the table of workers"
	case slices.ContainsFunc(a.Workers, func(w alertRow) bool { return w.ID == nil && w.PID == nil }):
		return "the id and the pid of a worker in its table"
	}
	return ""
}

// findBare names the first thing that the alert lacks of what each one that fires has, of a cause or
// of a symptom; "" if it lacks nothing.
func (a alert) findBare(app string) string {
	switch {
	case a.Status != "firing":
		return fmt.Sprintf("a status of the contract (%.40q is neither firing nor resolved)", a.Status)
	case a.App != app:
		return fmt.Sprintf("the app's name (%q is not %q)", a.App, app)
	case len(a.Evidence) == 0:
		return "its evidence"
	case slices.ContainsFunc(a.Evidence, func(f alertFact) bool { return f.Source == "" || f.Text == "" }):
		return "the source or the text of a fact that it cites"
	case a.Human == "":
		return "what a person must change"
	case a.Dedupe == "":
		return "a fingerprint"
	}
	return ""
}

// TimeToDetect is how long after the injection the engine first named a cause.
func TimeToDetect(r *evidence.Record) (time.Duration, bool) {
	inject, ok := r.Mark(evidence.MarkInject)
	if !ok {
		return 0, false
	}
	for _, c := range r.Claims {
		if c.Type == "detected" && c.At >= inject.At {
			return c.At - inject.At, true
		}
	}
	return 0, false
}
