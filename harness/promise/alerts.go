package promise

import (
	"encoding/json"
	"fmt"
	"slices"
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
		Sentence: fmt.Sprintf("within %s the engine posts one alert of %s with its context%s", d, cause, and(besides)),
		Judge:    func(r *evidence.Record) Finding { return judgeAlerts(r, cause, d, besides) },
		Later:    func(by time.Duration) Promise { return Alerts(cause, d+by, besides...) },
	}
}

// and says of what else there may be alerts, "" for nothing.
func and(causes []string) string {
	if len(causes) == 0 {
		return ""
	}
	return ", and none but of that and " + strings.Join(causes, ", ")
}

func judgeAlerts(r *evidence.Record, cause string, d time.Duration, besides []string) Finding {
	inject, _ := r.Mark(evidence.MarkInject)
	var firing []evidence.Alert
	var forerunners, named []string // fingerprints of the alerts of a symptom, and of a cause
	for _, posted := range r.Alerts {
		var a alert
		if err := json.Unmarshal(posted.Body, &a); err != nil {
			return broken("an alert is not what the contract's schema says: "+err.Error(), posted.At)
		}
		if a.Status == "resolved" {
			continue
		}
		if a.isForerunner(cause) {
			if posted.At < inject.At {
				return broken("it alerted of a symptom before anything was injected", posted.At)
			}
			forerunners = append(forerunners, a.Dedupe)
			continue
		}
		about := cause
		if slices.Contains(besides, a.Cause) {
			about = a.Cause
		}
		if missing := a.missing(r.Header.App, about); missing != "" {
			return broken("an alert lacks "+missing, posted.At)
		}
		named = append(named, a.Dedupe)
		if about == cause {
			firing = append(firing, posted)
		}
	}
	switch {
	case len(firing) == 0:
		return broken("no alert came"+ofIt(besides, cause), inject.At)
	case len(firing) > 1:
		return broken(fmt.Sprintf("%d alerts came for one incident", len(firing)), firing[1].At)
	case slices.ContainsFunc(forerunners, func(key string) bool { return !slices.Contains(named, key) }):
		return broken("its symptom and its cause came under different fingerprints", firing[0].At)
	case firing[0].At-inject.At > d:
		return broken(fmt.Sprintf("the alert came after %s", (firing[0].At-inject.At).Round(time.Millisecond)), firing[0].At)
	}
	return kept(fmt.Sprintf("one alert after %s", (firing[0].At - inject.At).Round(time.Millisecond)))
}

// ofIt says which alert is meant, where there may be others.
func ofIt(besides []string, cause string) string {
	if len(besides) == 0 {
		return ""
	}
	return " of " + cause
}

// isForerunner reports whether an alert tells of a symptom whose cause is not known yet: the
// cause follows in an alert of its own.
func (a alert) isForerunner(cause string) bool {
	return a.Symptom != "" && a.Cause == "undetermined" && cause != a.Cause
}

// missing names the first thing the alert's context lacks, "" if it is whole.
func (a alert) missing(app, cause string) string {
	switch {
	case a.Status != "firing":
		return fmt.Sprintf("a status of the contract (%.40q is neither firing nor resolved)", a.Status)
	case a.App != app:
		return fmt.Sprintf("the app's name (%q is not %q)", a.App, app)
	case a.Cause != cause:
		return fmt.Sprintf("the cause (%q is not %q)", a.Cause, cause)
	case a.Confidence < 0 || a.Confidence > 1:
		return fmt.Sprintf("a confidence between 0 and 1 (it is %g)", a.Confidence)
	case len(a.Evidence) == 0:
		return "its evidence"
	case slices.ContainsFunc(a.Evidence, func(f alertFact) bool { return f.Source == "" || f.Text == "" }):
		return "the source or the text of a fact that it cites"
	case len(a.RuledOut) == 0:
		return "the look-alikes it ruled out"
	case slices.ContainsFunc(a.RuledOut, func(x alertRuled) bool { return x.Cause == "" || x.Fact == "" }):
		return "the cause or the fact of a look-alike that it ruled out"
	case len(a.Workers) == 0:
		return "the table of workers"
	case slices.ContainsFunc(a.Workers, func(w alertRow) bool { return w.ID == nil && w.PID == nil }):
		return "the id and the pid of a worker in its table"
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
