// Package config reads the configuration file of the engine: what it looks after, what it may
// do, and whom it tells.
//
//	text ──> YAML ──> schema ──> File ──> checks ──> File, or all that is wrong with it
//
// The schema is config.schema.json, with the engine's causes as the keys of policies. What it
// refuses, and what the checks refuse, names file, line and key (Problem). A secret is never in
// the file: the file names where it is (Secret).
package config

import (
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// File is a configuration. A zero value stands for the engine's default.
type File struct {
	Version              int       `yaml:"version"`
	Home                 string    `yaml:"home"`
	Listen               string    `yaml:"listen"` // host:port
	ListenBeyondLoopback bool      `yaml:"listen_beyond_loopback"`
	DryRun               bool      `yaml:"dry_run"`
	Surge                bool      `yaml:"surge"`
	Inspector            string    `yaml:"inspector"`
	Stall                Duration  `yaml:"stall"`
	OutageDeadline       Duration  `yaml:"outage_deadline"`
	StreamDeadline       Duration  `yaml:"stream_deadline"`
	MinHealthy           *int      `yaml:"min_healthy"`
	Budget               Budget    `yaml:"budget"`
	Policies             Policies  `yaml:"policies"`
	QuietHours           []Quiet   `yaml:"quiet_hours"`
	Audit                Audit     `yaml:"audit"`
	ApprovalLinks        *Links    `yaml:"approval_links"` // nil for none
	Channels             []Channel `yaml:"channels"`
	Apps                 []App     `yaml:"apps"`

	source source // the text that it was read from
}

// Locate returns where a key of the file stands, as FILE:LINE: KEY.
func (f File) Locate(path ...string) string {
	return strings.TrimSuffix(f.source.blame(path, "").Error(), ": ")
}

// App is what is looked after: one app by its name, or all that fit a pattern or are in a
// namespace.
type App struct {
	Name       string   `yaml:"name"`
	Pattern    string   `yaml:"pattern"` // of names, with * and ?
	Namespace  string   `yaml:"namespace"`
	Health     *Health  `yaml:"health"` // of an app that is named
	MinHealthy *int     `yaml:"min_healthy"`
	Budget     Budget   `yaml:"budget"`
	Policies   Policies `yaml:"policies"`
}

// Health is how an app is asked whether it serves.
type Health struct {
	URL    string   `yaml:"url"`
	Expect []Status `yaml:"expect"` // all others are ill; none where the engine learns what is usual
}

// Budget bounds actions within an hour. nil is the engine's default.
type Budget struct {
	App    *int `yaml:"app"`
	Worker *int `yaml:"worker"`
}

// Policies says what may be done, by cause and for "default".
type Policies map[string]plan.Policy

// Audit is how much of the audit log is kept; 0 is the engine's default.
type Audit struct {
	Megabytes int `yaml:"megabytes"` // size at which a file is put aside
	Keep      int `yaml:"keep"`      // files that are kept beside the one that is written
}

// Links says how alerts offer a link by which people permit what the engine asks.
type Links struct {
	URL    string   `yaml:"url"`    // where people reach listen
	Secret Secret   `yaml:"secret"` // none for one that the engine makes
	Valid  Duration `yaml:"valid"`  // how long a link holds; 0 is the engine's default
}

// Kinds of a Channel.
const (
	Webhook      = "webhook"
	Slack        = "slack"
	PagerDuty    = "pagerduty"
	Alertmanager = "alertmanager"
	Opsgenie     = "opsgenie"
	Email        = "email"
)

// Channel is where people are told.
type Channel struct {
	Type       string   `yaml:"type"`
	URL        Secret   `yaml:"url"`         // of Webhook and Slack
	RoutingKey Secret   `yaml:"routing_key"` // of PagerDuty
	Key        Secret   `yaml:"key"`         // of Opsgenie
	Endpoint   string   `yaml:"endpoint"`    // of PagerDuty, Opsgenie and Alertmanager
	Token      Secret   `yaml:"token"`       // of Alertmanager
	Server     string   `yaml:"server"`      // of Email, host:port
	From       string   `yaml:"from"`
	To         []string `yaml:"to"`
	Username   string   `yaml:"username"`
	Password   Secret   `yaml:"password"`
	TLS        string   `yaml:"tls"` // starttls, implicit or none; "" is starttls
}

// Choose returns the policies of an app by those of the whole file: a cause that the app's own
// names goes by them, and so does its default.
func (f File) Choose(app App) plan.Policies {
	out := plan.Policies{Causes: map[engine.Cause]plan.Policy{}}
	own, ownDefault := app.Policies[defaultPolicy]
	for cause, p := range f.Policies {
		switch {
		case cause == defaultPolicy:
			out.Default = p
		default:
			out.Causes[engine.Cause(cause)] = p
		}
	}
	if ownDefault {
		out.Default, out.Causes = own, map[engine.Cause]plan.Policy{}
	}
	for cause, p := range app.Policies {
		if cause != defaultPolicy {
			out.Causes[engine.Cause(cause)] = p
		}
	}
	return out
}

// defaultPolicy is the key of the policy of all causes that have none.
const defaultPolicy = "default"

// Duration is a time span as Go writes it, such as 1m30s.
type Duration time.Duration

// UnmarshalText reads a duration.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	*d = Duration(v)
	return err
}
