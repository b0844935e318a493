package channel

import (
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// Alertmanager holds an alert that fires for resolved when its end has come, and forgets all of
// them when it is started anew. So they are posted again each repeatEvery, with an end that
// three posts may miss.
const (
	repeatEvery = time.Minute
	goodFor     = 4 * repeatEvery
)

// postableAlert is an alert of Alertmanager's API v2 (api/v2/openapi.yaml, postableAlert).
type postableAlert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
}

// NewAlertmanager returns a target that is an Alertmanager, by its base URL. token is for the
// header Authorization, "" for none.
func NewAlertmanager(endpoint, token string, now func() time.Time) *HTTP {
	h := newHTTP("alertmanager", strings.TrimSuffix(endpoint, "/")+"/api/v2/alerts", func(a engine.Alert) any {
		return []postableAlert{writePostable(a, now())}
	})
	h.token, h.repeat = token, repeatEvery
	return h
}

// writePostable writes an alert. Its labels are who it is, so they stay the same from the
// beginning of an incident to its end; the cause, which may be found later, is an annotation.
func writePostable(a engine.Alert, now time.Time) postableAlert {
	p := postableAlert{
		Labels:      map[string]string{"alertname": "PM2Incident", "app": a.App, "incident": a.Dedupe},
		Annotations: map[string]string{"summary": formatSubject(a), "cause": string(a.Cause), "severity": computeSeverity(a)},
		StartsAt:    a.FirstSeen.UTC(), EndsAt: now.Add(goodFor).UTC(),
	}
	for label, value := range map[string]string{"namespace": a.Namespace, "instance": a.Host} {
		if value != "" {
			p.Labels[label] = value
		}
	}
	for _, s := range buildSections(a) {
		p.Annotations[strings.ToLower(strings.ReplaceAll(s.title, " ", "_"))] = strings.Join(s.lines, "\n")
	}
	if a.Status == engine.StatusResolved {
		p.EndsAt = now.UTC()
	}
	if p.StartsAt.After(p.EndsAt) {
		p.StartsAt = p.EndsAt
	}
	return p
}
