package channel

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// OpsgenieEndpoint takes requests of the Alert API. Opsgenie ends on 5 April 2027.
const OpsgenieEndpoint = "https://api.opsgenie.com"

// Bounds of an alert, in characters (docs.opsgenie.com/docs/alert-api).
const (
	maxOpsgenieMessage     = 130
	maxOpsgenieDescription = 15000
	maxOpsgenieSource      = 100
	maxOpsgenieTag         = 50
	maxOpsgenieEntity      = 512
)

// opsgenieAlert creates an alert. Those of one Alias are one alert while it is open.
type opsgenieAlert struct {
	Message     string            `json:"message"`
	Alias       string            `json:"alias"` // at most 512 characters
	Description string            `json:"description,omitempty"`
	Tags        []string          `json:"tags,omitempty"`
	Details     map[string]string `json:"details,omitempty"`
	Entity      string            `json:"entity,omitempty"`
	Source      string            `json:"source,omitempty"`
	Priority    string            `json:"priority"` // P1 to P5
}

// opsgenieClose closes one.
type opsgenieClose struct {
	Source string `json:"source,omitempty"`
	Note   string `json:"note,omitempty"`
}

// NewOpsgenie returns a target that is an API integration of Opsgenie. endpoint is OpsgenieEndpoint
// where it is empty.
func NewOpsgenie(endpoint, key string) *HTTP {
	h := newHTTP("opsgenie", strings.TrimSuffix(cmp.Or(endpoint, OpsgenieEndpoint), "/"), writeOpsgenie)
	h.scheme, h.token = "GenieKey", key
	h.path = func(a engine.Alert) string {
		if a.Status == engine.StatusResolved {
			return "/v2/alerts/" + url.PathEscape(a.Dedupe) + "/close?identifierType=alias"
		}
		return "/v2/alerts"
	}
	return h
}

func writeOpsgenie(a engine.Alert) any {
	source := clip(cmp.Or(a.Host, a.App), maxOpsgenieSource)
	if a.Status == engine.StatusResolved {
		return opsgenieClose{Source: source, Note: clip(formatSubject(a), maxOpsgenieDescription)}
	}
	var text strings.Builder
	for _, s := range buildSections(a) {
		text.WriteString(s.title + "\n")
		for _, line := range s.lines {
			text.WriteString("  " + line + "\n")
		}
	}
	priority := map[string]string{"critical": "P1", "error": "P2", "warning": "P3"}[computeSeverity(a)]
	return opsgenieAlert{
		Message: clip(formatSubject(a), maxOpsgenieMessage), Alias: a.Dedupe, Description: clip(text.String(), maxOpsgenieDescription),
		Tags: []string{"pm2", clip(string(a.Cause), maxOpsgenieTag)}, Details: map[string]string{"app": a.App, "namespace": a.Namespace, "cause": string(a.Cause)},
		Entity: clip(a.App, maxOpsgenieEntity), Source: source, Priority: priority,
	}
}
