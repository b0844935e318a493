package promise

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// alert is what a judge reads of an alert's body; CONTRACT.md has the whole.
type alert struct {
	Status   string            `json:"status"`
	App      string            `json:"app"`
	Cause    string            `json:"cause"`
	Evidence []json.RawMessage `json:"evidence"`
	RuledOut []json.RawMessage `json:"ruled_out"`
	Workers  []json.RawMessage `json:"workers"`
	Human    string            `json:"human"`
	Dedupe   string            `json:"dedupe"`
}

// Alerts: within d of the injection the engine posts one alert, and only one,
// that names the cause and carries the incident's context.
func Alerts(cause string, d time.Duration) Promise {
	return Promise{
		Name:     "alerts",
		Needs:    Alert,
		Sentence: fmt.Sprintf("within %s the engine posts one alert of %s with its context", d, cause),
		Judge:    func(r *evidence.Record) Finding { return judgeAlerts(r, cause, d) },
	}
}

func judgeAlerts(r *evidence.Record, cause string, d time.Duration) Finding {
	inject, _ := r.Mark(evidence.MarkInject)
	var firing []evidence.Alert
	for _, posted := range r.Alerts {
		var a alert
		if err := json.Unmarshal(posted.Body, &a); err != nil {
			return broken("an alert is not the JSON of the contract: "+err.Error(), posted.At)
		}
		if a.Status == "resolved" {
			continue
		}
		if missing := a.missing(r.Header.App, cause); missing != "" {
			return broken("an alert lacks "+missing, posted.At)
		}
		firing = append(firing, posted)
	}
	switch {
	case len(firing) == 0:
		return broken("no alert came", inject.At)
	case len(firing) > 1:
		return broken(fmt.Sprintf("%d alerts came for one incident", len(firing)), firing[1].At)
	case firing[0].At-inject.At > d:
		return broken(fmt.Sprintf("the alert came after %s", (firing[0].At-inject.At).Round(time.Millisecond)), firing[0].At)
	}
	return kept(fmt.Sprintf("one alert after %s", (firing[0].At - inject.At).Round(time.Millisecond)))
}

// missing names the first thing the alert's context lacks, "" if it is whole.
func (a alert) missing(app, cause string) string {
	switch {
	case a.App != app:
		return fmt.Sprintf("the app's name (%q is not %q)", a.App, app)
	case a.Cause != cause:
		return fmt.Sprintf("the cause (%q is not %q)", a.Cause, cause)
	case len(a.Evidence) == 0:
		return "its evidence"
	case len(a.RuledOut) == 0:
		return "the look-alikes it ruled out"
	case len(a.Workers) == 0:
		return "the table of workers"
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
