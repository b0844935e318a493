package remedy

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/alert"
	"github.com/pm2drill/pm2drill/harness/remedy/channel"
	"github.com/pm2drill/pm2drill/harness/remedy/config"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// readFile returns the configuration by the file and by the flags that were given, which win;
// stderr gets which those are. The variables of the contract other than PM2_HOME stand for
// flags of an engine without a file, and are not read.
func (x *Command) readFile(ctx context.Context, stderr io.Writer) (Config, error) {
	f, err := config.Read(x.file, x.env)
	if err != nil {
		return Config{}, err
	}
	return x.useFile(ctx, f, stderr)
}

// useFile returns the configuration by what was read from the file, and by the flags.
func (x *Command) useFile(ctx context.Context, f config.File, stderr io.Writer) (Config, error) {
	cfg, won := x.merge(f)
	if len(won) > 0 && stderr != nil {
		fmt.Fprintf(stderr, "pm2drill engine: flags override these keys of %s: %s\n", x.file, strings.Join(won, ", "))
	}
	if err := CheckHome(cfg.Home); err != nil {
		return Config{}, err
	}
	if x.Given("min-healthy") {
		f.MinHealthy = nil
		for i := range f.Apps {
			f.Apps[i].MinHealthy = nil
		}
	}
	if x.Given("app") {
		for i := range cfg.Apps {
			limits := computeLimits(cfg.Limits, f, config.App{})
			cfg.Apps[i].Limits = &limits
		}
	} else {
		list, err := x.list(ctx, cfg.Home)
		if err != nil {
			cfg.Apps = nameEntries(f)
			return cfg, err
		}
		if cfg.Apps, err = chooseApps(cfg.Limits, f, list); err != nil {
			return Config{}, err
		}
	}
	url := ""
	if x.Given("url") {
		url = x.only.URL
		if len(cfg.Apps) == 1 && !x.Given("app") {
			cfg.Apps[0].URL, cfg.Apps[0].From = url, ""
		}
	}
	return cfg, x.completeApps(&cfg, url)
}

// merge puts the keys of a file where no flag was given. won lists the keys that the file has
// and a flag wins over.
func (x *Command) merge(f config.File) (cfg Config, won []string) {
	cfg = x.cfg
	cfg.Apps = slices.Clone(cfg.Apps)
	if !x.Given("listen") {
		x.listen, x.beyond = "", false
	}
	take := func(flag, key string, there bool, set func()) {
		switch {
		case there && x.Given(flag):
			won = append(won, key+" (--"+flag+")")
		case there:
			set()
		}
	}
	cfg.AtMost = f.AtMost
	if !x.Given("alert-url") {
		cfg.AlertURL = ""
	}
	take("home", "home", f.Home != "", func() { cfg.Home = f.Home })
	take("dry-run", "dry_run", f.DryRun, func() { cfg.DryRun = true })
	take("surge", "surge", f.Surge, func() { cfg.Surge = true })
	take("inspector", "inspector", f.Inspector != "", func() { cfg.Inspector = drain.Policy(f.Inspector) })
	take("stall", "stall", f.Stall > 0, func() { cfg.Limits.Stall = time.Duration(f.Stall) })
	take("outage-deadline", "outage_deadline", f.OutageDeadline > 0, func() { cfg.Limits.Outage = time.Duration(f.OutageDeadline) })
	take("stream-deadline", "stream_deadline", f.StreamDeadline > 0, func() { cfg.StreamDeadline = time.Duration(f.StreamDeadline) })
	take("listen", "listen", f.Listen != "", func() { x.listen, x.beyond = f.Listen, f.ListenBeyondLoopback })
	take("app", "apps", true, func() { cfg.Apps = nil })
	least := f.MinHealthy != nil || slices.ContainsFunc(f.Apps, func(a config.App) bool { return a.MinHealthy != nil })
	take("min-healthy", "min_healthy", least, func() {}) // limitsOf takes it
	cfg.Audit = AuditSize{Bytes: int64(f.Audit.Megabytes) << 20, Keep: f.Audit.Keep}
	cfg.Targets = newTargets(f.Channels)
	cfg.Links = newLinks(f.ApprovalLinks)
	cfg.Limits.Home = x.findHomeName(cfg.Home)
	return cfg, won
}

// chooseApps returns the apps of PM2's list that the file's entries fit. base are the limits of
// an app whose entry, and the file, have none.
func chooseApps(base plan.Limits, f config.File, list []pm2.Process) ([]App, error) {
	chosen, err := f.List(list)
	if err != nil {
		return nil, err // it names the file
	}
	var apps []App
	for _, c := range chosen {
		limits := computeLimits(base, f, c.Entry)
		app := App{Name: c.Name, Limits: &limits}
		if c.Entry.Namespace != "" || len(pm2.Namespaces(list, c.Name)) > 1 {
			app.Namespace = c.Namespace // as with flags: notes and alerts of an app go by it
		}
		if h := c.Entry.Health; h != nil {
			app.URL, app.From = h.URL, f.Locate("apps", strconv.Itoa(c.Index), "health", "url")
			for _, s := range h.Expect {
				from, to := s.Range()
				app.Expect = append(app.Expect, observe.Statuses{From: from, To: to})
			}
		}
		apps = append(apps, app)
	}
	return apps, nil
}

// nameEntries returns an app for each entry of a file, for people to know what is meant while
// PM2 has no list.
func nameEntries(f config.File) (apps []App) {
	for _, a := range f.Apps {
		apps = append(apps, App{Name: cmp.Or(a.Name, a.Pattern, a.Namespace), Namespace: a.Namespace})
	}
	return apps
}

// computeLimits returns the limits of an app by its entry, or else by the whole file.
func computeLimits(base plan.Limits, f config.File, app config.App) plan.Limits {
	first := func(out *int, values ...*int) {
		for _, v := range values {
			if v != nil {
				*out = *v
				return
			}
		}
	}
	first(&base.MinHealthy, app.MinHealthy, f.MinHealthy)
	first(&base.PerApp, app.Budget.App, f.Budget.App)
	first(&base.PerWorker, app.Budget.Worker, f.Budget.Worker)
	base.Policies = f.Choose(app)
	return base
}

// newTargets returns where a file's channels lead.
func newTargets(channels []config.Channel) []alert.Target {
	var out []alert.Target
	for _, c := range channels {
		switch c.Type {
		case config.Webhook:
			out = append(out, channel.NewWebhook(c.URL.Value()))
		case config.Slack:
			out = append(out, channel.NewSlack(c.URL.Value()))
		case config.PagerDuty:
			out = append(out, channel.NewPagerDuty(c.Endpoint, c.RoutingKey.Value()))
		case config.Opsgenie:
			out = append(out, channel.NewOpsgenie(c.Endpoint, c.Key.Value()))
		case config.Alertmanager:
			out = append(out, channel.NewAlertmanager(c.Endpoint, c.Token.Value(), time.Now))
		case config.Email:
			out = append(out, &channel.Mail{Server: c.Server, From: c.From, To: c.To, Username: c.Username, Password: c.Password.Value(), TLS: c.TLS})
		}
	}
	return out
}

// listWithin bounds the question for PM2's list.
const listWithin = 10 * time.Second

// listProcesses returns PM2's list.
func listProcesses(ctx context.Context, home string) ([]pm2.Process, error) {
	ctx, cancel := context.WithTimeout(ctx, listWithin)
	defer cancel()
	client, err := pm2.Dial(ctx, home)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	return client.List(ctx)
}
