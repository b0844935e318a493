package channel

import (
	"cmp"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// PagerDutyEndpoint takes events of Events API v2.
const PagerDutyEndpoint = "https://events.pagerduty.com/v2/enqueue"

// maxPagerDutySummary bounds the summary of an event, in characters (PD-CEF).
const maxPagerDutySummary = 1024

// pagerDutyEvent is an event of Events API v2. Events of one DedupKey are one alert there.
type pagerDutyEvent struct {
	RoutingKey  string            `json:"routing_key"`
	EventAction string            `json:"event_action"` // trigger or resolve
	DedupKey    string            `json:"dedup_key"`    // at most 255 characters
	Client      string            `json:"client,omitempty"`
	Payload     *pagerDutyPayload `json:"payload,omitempty"` // of trigger
}

type pagerDutyPayload struct {
	Summary       string       `json:"summary"`
	Source        string       `json:"source"`
	Severity      string       `json:"severity"` // critical, error, warning or info
	Timestamp     string       `json:"timestamp,omitempty"`
	Component     string       `json:"component,omitempty"`
	Group         string       `json:"group,omitempty"`
	Class         string       `json:"class,omitempty"`
	CustomDetails engine.Alert `json:"custom_details"`
}

// NewPagerDuty returns a target that is an integration of Events API v2. endpoint is
// PagerDutyEndpoint where it is empty.
func NewPagerDuty(endpoint, routingKey string) *HTTP {
	return newHTTP("pagerduty", cmp.Or(endpoint, PagerDutyEndpoint), func(a engine.Alert) any {
		return writePagerDuty(a, routingKey)
	})
}

func writePagerDuty(a engine.Alert, routingKey string) pagerDutyEvent {
	e := pagerDutyEvent{RoutingKey: routingKey, EventAction: "resolve", DedupKey: a.Dedupe, Client: a.Engine}
	if a.Status == engine.StatusResolved {
		return e
	}
	e.EventAction = "trigger"
	e.Payload = &pagerDutyPayload{
		Summary: clip(formatSubject(a), maxPagerDutySummary), Source: cmp.Or(a.Host, a.App), Severity: computeSeverity(a),
		Timestamp: a.FirstSeen.UTC().Format(time.RFC3339Nano), Component: a.App, Group: cmp.Or(a.Namespace, a.App), Class: string(a.Cause), CustomDetails: a,
	}
	return e
}
