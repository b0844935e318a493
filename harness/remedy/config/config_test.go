package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

const start = "version: 1\napps: [{name: web}]\n"

func noEnv(string) string { return "" }

// TestProblems: each names the line, the key, what is wrong and what to do.
func TestProblems(t *testing.T) {
	env := func(name string) string {
		return map[string]string{"HOOK": "https://hooks.example/T/secret", "JUNK": "not-a-url-hunter2", "LINES": "a\nb", "SHORT": "hunter2"}[name]
	}
	for _, c := range []struct{ text, want string }{
		{"", "x.yaml: it is empty, and must be an object"},
		{"version: 1\napps: [", "x.yaml:2: it is no YAML: "},
		{"version: 1\nversion: 1\napps: []\n", "x.yaml:2: version: this key is given twice, first on line 1: remove one of them"},
		{"apps: [{name: web}]\n", "x.yaml:1: it lacks version"},
		{"version: 2\napps: [{name: web}]\n", `x.yaml:1: version: "2" is not 1`},
		{start + "polices: {default: act}\n", "x.yaml:3: polices: no key has this name (did you mean policies?)"},
		{start + "policies:\n  default: act\n  hot_wroker: ask\n", "x.yaml:5: policies.hot_wroker: no key has this name (did you mean hot_worker?)"},
		{start + "policies: {default: watch}\n", `x.yaml:3: policies.default: "watch" is not one of observe, ask, act`},
		{start + "policies:\n", "x.yaml:3: policies: it is empty, and must be an object"},
		{start + "min_healthy: -1\n", "x.yaml:3: min_healthy: it must be at least 0"},
		{start + "min_healthy: \"2\"\n", "x.yaml:3: min_healthy: it is a string, and must be an integer such as 2"},
		{start + "budget: {aps: 3}\n", "x.yaml:3: budget.aps: no key has this name (did you mean app?)"},
		{start + "stall: 5\n", "x.yaml:3: stall: it is a number, and must be a string such as 500ms, 10s or 1m30s"},
		{start + "stall: soon\n", `x.yaml:3: stall: "soon" cannot be used: write one such as 500ms, 10s or 1m30s`},
		{start + "stall: 0s\n", "x.yaml:3: stall: it must be more than 0"},
		{start + "listen: 0.0.0.0:9464\n", "x.yaml:3: listen: other hosts can reach"},
		{start + "listen: 9464\n", "x.yaml:3: listen: it is a number, and must be a string"},
		{start + "listen: localhost\n", `x.yaml:3: listen: "localhost" is no address`},
		{start + "quiet_hours: [{from: \"25:00\", to: \"06:00\"}]\n", `x.yaml:3: quiet_hours[0].from: "25:00" cannot be used: write one such as "22:00"`},
		{start + "quiet_hours:\n  - from: \"22:00\"\n    to: \"06:00\"\n    zone: Europe/Berln\n", "x.yaml:6: quiet_hours[0].zone: this host knows no time zone"},
		{start + "quiet_hours: [{from: \"22:00\", to: \"06:00\", policy: act}]\n", `"act" is not one of observe, ask`},
		{"version: 1\napps: []\n", "x.yaml:2: apps: it is empty: give at least 1"},
		{"version: 1\napps:\n  - min_healthy: 1\n", "x.yaml:3: apps[0]: it fits no app"},
		{"version: 1\napps:\n  - name: web\n  - name: web\n", "x.yaml:4: apps[1]: apps[0] names the same app"},
		{"version: 1\napps:\n  - name: web\n    pattern: w*\n", "x.yaml:4: apps[0].pattern: an entry has a name or a pattern"},
		{"version: 1\napps:\n  - pattern: '[a'\n", "x.yaml:3: apps[0].pattern: \"[a\" is no pattern"},
		{"version: 1\napps:\n  - pattern: w*\n    health: {url: \"http://127.0.0.1:1/\"}\n", "x.yaml:4: apps[0].health: several apps cannot share"},
		{"version: 1\napps:\n  - name: web\n    health: {url: \"127.0.0.1:3000\"}\n", "x.yaml:4: apps[0].health.url: \"127.0.0.1:3000\" cannot be used: write one such as http://127.0.0.1:3000/healthz"},
		{"version: 1\napps:\n  - name: web\n    health: {url: \"http://127.0.0.1:99999/\"}\n", "x.yaml:4: apps[0].health.url: it is no URL"},
		{"version: 1\napps:\n  - name: web\n    health: {url: \"http://a/\", expect: [\"200-199\"]}\n", "x.yaml:4: apps[0].health.expect[0]: it ends before it begins"},
		{"version: 1\napps:\n  - name: web\n    health: {url: \"http://a/\", expect: [2xy]}\n", `apps[0].health.expect[0]: "2xy" cannot be used: write one such as 200, 2xx or 200-299`},
		{start + "channels: [{type: slak}]\n", `x.yaml:3: channels[0].type: "slak" is not one of webhook, slack, pagerduty, opsgenie, alertmanager, email (did you mean slack?)`},
		{start + "channels: [{url: {env: HOOK}}]\n", "x.yaml:3: channels[0]: it lacks type"},
		{start + "channels: [{type: slack}]\n", "x.yaml:3: channels[0]: it lacks url"},
		{start + "channels: [{type: slack, url: {env: HOOK}, tokn: {env: HOOK}}]\n", "x.yaml:3: channels[0].tokn: no key has this name (there are type, url)"},
		{start + "channels: [{type: slack, url: \"https://hooks.example/hunter2\"}]\n", "x.yaml:3: channels[0].url: it is a string, and must be an object such as {file: NAME} or {env: NAME}"},
		{start + "channels: [{type: slack, url: {env: HOOK, file: x}}]\n", "x.yaml:3: channels[0].url: give one of env and file"},
		{start + "channels: [{type: slack, url: {env: NONE}}]\n", "x.yaml:3: channels[0].url: variable NONE cannot be used: it is empty or not set"},
		{start + "channels: [{type: slack, url: {env: LINES}}]\n", "it has more than one line"},
		{start + "channels: [{type: slack, url: {env: JUNK}}]\n", "variable JUNK holds no http or https URL"},
		{start + "channels: [{type: slack, url: {file: none}}]\n", "x.yaml:3: channels[0].url: file none cannot be used: no such file"},
		{start + "channels: [{type: alertmanager, endpoint: \"http://u:hunter2@a/\"}]\n", "x.yaml:3: channels[0].endpoint: a password has no place in this file"},
		{start + "channels: [{type: email, server: mail, from: a@b, to: [a@b]}]\n", "x.yaml:3: channels[0].server: write it as host:port"},
		{start + "channels: [{type: email, server: \"mail:25\", from: a@b, to: [a@b], username: u}]\n", "username and password go together"},
		{start + "channels: [{type: email, server: \"mail:25\", from: a@b, to: [a@b], username: u, password: {env: HOOK}, tls: none}]\n", "a password is not sent without TLS"},
		{start + "approval_links: {}\n", "x.yaml:3: approval_links: it lacks url"},
		{start + "approval_links: {url: \"http://a:99999\"}\n", "x.yaml:3: approval_links.url: it is no URL"},
		{start + "approval_links: {url: \"https://a/?x=1\"}\n", "x.yaml:3: approval_links.url: it may have a path, and nothing after that"},
		{start + "approval_links: {url: \"https://a/\", valid: 0s}\n", "x.yaml:3: approval_links.valid: it must be more than 0"},
		{start + "approval_links: {url: \"https://a/\", secret: {env: NONE}}\n", "x.yaml:3: approval_links.secret: variable NONE cannot be used"},
		{start + "approval_links: {url: \"https://a/\", secret: {env: SHORT}}\n", "variable SHORT has less than 16 characters: `openssl rand -hex 32` makes one"},
		{start + "audit: {megabytes: 0}\n", "x.yaml:3: audit.megabytes: it must be at least 1"},
		{start + "audit: {keep: 200}\n", "x.yaml:3: audit.keep: it must be at most 100"},
		{start + "home: \"\"\n", "x.yaml:3: home: it is empty or too short"},
		{start + "channels: [{type: alertmanager, endpoint: \"a:1\"}]\n", `endpoint: "a:1" cannot be used: write one such as http://127.0.0.1:9093`},
		{start + "channels: [{type: pagerduty, routing_key: KEY}]\n", "routing_key: it is a string, and must be an object such as {file: NAME}"},
		{start + "channels: [{type: slack, url: {env: \"https://hooks.example/hunter2\"}}]\n", "x.yaml:3: channels[0].url.env: what is given cannot be used: write one such as SLACK_URL"},
		{start + "budget: {app: 1}\nstall: 5s\nbudget: {app: 2}\n", "x.yaml:5: budget: this key is given twice, first on line 3: remove one of them"},
		{"version: 1\napps:\n  - name: web\n    name: api\n", "x.yaml:4: apps[0].name: this key is given twice, first on line 3"},
		{start + "home: &a x\ninspector: *a\n", `inspector: "x" is not one of never, private, always`},
	} {
		_, err := Parse("x.yaml", []byte(c.text), env)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\n got %v\nwant %s", c.text, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the secret is in the message: %v", c.text, err)
		}
	}
}

// TestAllProblemsAtOnce: people mend a file once, and not once for each problem.
func TestAllProblemsAtOnce(t *testing.T) {
	_, err := Parse("x.yaml", []byte("version: 1\nstal: 5s\npolicies: {default: no}\napps: []\n"), noEnv)
	found, ok := err.(Problems)
	if !ok || len(found) != 3 || found[0].Line != 2 || found[1].Line != 3 || found[2].Line != 4 {
		t.Errorf("%v", err)
	}
}

// TestReadsAll: what the schema allows is decoded.
func TestReadsAll(t *testing.T) {
	env := func(name string) string { return "https://hooks.example/" + name }
	f, err := Parse("x.yaml", []byte(`version: 1
home: /home/app/.pm2
listen: "[::1]:9464"
stall: 7s
min_healthy: 3
budget: {app: 5, worker: 0}
policies: {default: ask, hot_worker: observe, stalled_event_loop: act}
channels:
  - {type: slack, url: {env: S}}
apps:
  - name: web
    health: {url: "http://127.0.0.1:3000/", expect: [204, 3xx, 401-403]}
    policies: {hot_worker: act}
  - pattern: "job-*"
    policies: {default: observe, port_conflict.foreign: act}
  - namespace: shop
`), env)
	if err != nil {
		t.Fatal(err)
	}
	if time.Duration(f.Stall) != 7*time.Second || *f.MinHealthy != 3 || *f.Budget.App != 5 || *f.Budget.Worker != 0 || f.Channels[0].URL.Value() != "https://hooks.example/S" {
		t.Errorf("%+v", f)
	}
	var ends []int
	for _, s := range f.Apps[0].Health.Expect {
		from, to := s.Range()
		ends = append(ends, from, to)
	}
	if !slices.Equal(ends, []int{204, 204, 300, 399, 401, 403}) {
		t.Errorf("expected statuses %v", ends)
	}
	for _, c := range []struct {
		app   int
		cause engine.Cause
		want  plan.Policy
	}{
		{0, engine.HotWorker, plan.PolicyAct}, {0, engine.StalledEventLoop, plan.PolicyAct}, {0, engine.BootCrash, plan.PolicyAsk},
		{1, engine.HotWorker, plan.PolicyObserve}, {1, engine.StalledEventLoop, plan.PolicyObserve}, {1, engine.PortForeign, plan.PolicyAct},
		{2, engine.HotWorker, plan.PolicyObserve}, {2, engine.BootCrash, plan.PolicyAsk},
	} {
		if got := f.Choose(f.Apps[c.app]).Choose(c.cause); got != c.want {
			t.Errorf("apps[%d], %s: %s, want %s", c.app, c.cause, got, c.want)
		}
	}
}

// TestSchemaIsTheDecoder: the schema and the types have the same keys, in both directions.
func TestSchemaIsTheDecoder(t *testing.T) {
	doc, err := readSchema()
	if err != nil {
		t.Fatal(err)
	}
	keys := func(schema any) []string {
		out := []string{}
		for key := range getProperties(schema) {
			out = append(out, key)
		}
		slices.Sort(out)
		return out
	}
	prop := func(path ...string) any { return lookUp(doc, path...) }
	channel := map[string]bool{}
	for _, kind := range []string{"hook", "pagerduty", "opsgenie", "alertmanager", "email"} {
		for _, key := range keys(prop("$defs", kind)) {
			channel[key] = true
		}
	}
	var channelKeys []string
	for key := range channel {
		channelKeys = append(channelKeys, key)
	}
	slices.Sort(channelKeys)
	for _, c := range []struct {
		of   any
		want []string
	}{
		{File{}, keys(doc)},
		{App{}, keys(prop("properties", "apps", "items"))},
		{Health{}, keys(prop("properties", "apps", "items", "properties", "health"))},
		{Quiet{}, keys(prop("properties", "quiet_hours", "items"))},
		{Links{}, keys(prop("properties", "approval_links"))},
		{Audit{}, keys(prop("properties", "audit"))},
		{Budget{}, keys(prop("$defs", "budget"))},
		{Secret{}, keys(prop("$defs", "secret"))},
		{Channel{}, channelKeys},
	} {
		typ, got := reflect.TypeOf(c.of), []string{}
		for i := range typ.NumField() {
			if tag := typ.Field(i).Tag.Get("yaml"); tag != "" {
				got = append(got, tag)
			}
		}
		slices.Sort(got)
		if len(got) == 0 || !slices.Equal(got, c.want) {
			t.Errorf("%s decodes %q, and the schema has %q", typ, got, c.want)
		}
	}
	for _, cause := range engine.Causes() {
		if prop("$defs", "policies", "properties", string(cause)) == nil {
			t.Errorf("the schema has no policy for %s", cause)
		}
	}
	for _, p := range plan.ListPolicies() {
		if !slices.Contains(prop("$defs", "policy", "enum").([]any), any(string(p))) {
			t.Errorf("the schema lacks the policy %s", p)
		}
	}
	text, err := Schema()
	if err != nil || !json.Valid(text) {
		t.Errorf("the schema is no JSON: %v", err)
	}
}

// TestQuietHours: over midnight too, by the day on which they begin, in their own zone.
func TestQuietHours(t *testing.T) {
	f, err := Parse("x.yaml", []byte(start+`quiet_hours:
  - {from: "22:00", to: "06:00", days: [fri], zone: UTC}
  - {from: "12:00", to: "13:00", zone: UTC, policy: observe}
  - {from: "12:30", to: "12:30", days: [sun], zone: Etc/GMT-2, policy: ask}
`), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at   string
		want plan.Policy
	}{
		{"2026-11-27T21:59:00Z", ""}, {"2026-11-27T22:00:00Z", plan.PolicyAsk}, // a Friday
		{"2026-11-28T05:59:00Z", plan.PolicyAsk}, {"2026-11-28T06:00:00Z", ""}, {"2026-11-28T22:00:00Z", ""},
		{"2026-11-27T05:00:00Z", ""},
		{"2026-11-30T12:59:59Z", plan.PolicyObserve}, {"2026-11-30T13:00:00Z", ""},
		{"2026-11-29T10:29:00Z", ""}, {"2026-11-29T10:30:00Z", plan.PolicyAsk}, {"2026-11-30T10:29:00Z", plan.PolicyAsk},
		{"2026-11-29T12:15:00Z", plan.PolicyObserve}, // two hold: the stricter counts
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.AtMost(at); got != c.want {
			t.Errorf("%s: at most %q, want %q", c.at, got, c.want)
		}
	}
}

// TestList: which apps the entries fit, and what is said of those that fit none.
func TestList(t *testing.T) {
	list := []pm2.Process{
		{ID: 0, Name: "web", Namespace: "default"}, {ID: 1, Name: "web", Namespace: "default"},
		{ID: 2, Name: "api", Namespace: "shop"}, {ID: 3, Name: "job-a", Namespace: "default"}, {ID: 4, Name: "web", Namespace: "shop"}, {ID: -1, Name: "old", Namespace: "default"},
	}
	for _, c := range []struct{ apps, want, refused string }{
		{"[{name: api}]", "shop/api", ""},
		{"[{name: web, namespace: shop}]", "shop/web", ""},
		{"[{pattern: '*b*'}]", "default/job-a default/web shop/web", ""},
		{"[{namespace: shop}]", "shop/api shop/web", ""},
		{"[{pattern: '*', namespace: default}]", "default/job-a default/web", ""},
		{"[{name: web}]", "", "x.yaml:2: apps[0].name: PM2 has an app web in each of the namespaces default, shop: give namespace"},
		{"[{name: wbe}]", "", "x.yaml:2: apps[0].name: PM2 has no app wbe; it has api, job-a, web"},
		{"[{name: api, namespace: x}]", "", "PM2 has no app api in namespace x; it has api, job-a, web"},
		{"[{name: webb}]", "", "x.yaml:2: apps[0].name: PM2 has no app webb (did you mean web?); it has api, job-a, web"},
		{"[{name: qqqqqqqq}]", "", "PM2 has no app qqqqqqqq; it has api, job-a, web"},
		{"[{pattern: x*}]", "", "x.yaml:2: apps: no entry fits an app of PM2; it has"},
		{"[{pattern: x*}, {name: api}]", "shop/api", ""},
	} {
		f, err := Parse("x.yaml", []byte("version: 1\napps: "+c.apps+"\n"), noEnv)
		if err != nil {
			t.Fatal(err)
		}
		chosen, err := f.List(list)
		var got []string
		for _, x := range chosen {
			got = append(got, x.Namespace+"/"+x.Name)
		}
		if c.refused != "" {
			if err == nil || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%s: error %v, want %s", c.apps, err, c.refused)
			}
		} else if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, %v, want %s", c.apps, got, err, c.want)
		}
	}
}

// TestDraft: what init writes can be read, fits every app, and stays as it is when asked twice.
func TestDraft(t *testing.T) {
	list := []pm2.Process{{ID: 0, Name: "web", Namespace: "default"}, {ID: 1, Name: "web", Namespace: "shop"}, {ID: 2, Name: "a \"b\": #c\t", Namespace: "default"}}
	text, err := Draft("/home/app/.pm2", list)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse("x.yaml", text, noEnv)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if chosen, err := f.List(list); err != nil || len(chosen) != 3 {
		t.Errorf("it fits %v, %v", chosen, err)
	}
	// Its examples can be taken as they are, once their secrets are there.
	shown := regexp.MustCompile(`(?m)^( *)#(  +\S|[^ \n])`).ReplaceAllString(string(text), "$1$2")
	shown = regexp.MustCompile(`\{file: [^}]+\}`).ReplaceAllString(shown, "{env: X}")
	f, err = Parse("x.yaml", []byte(shown), func(string) string { return "https://hooks.example/" })
	if err != nil {
		t.Fatalf("%v in\n%s", err, shown)
	}
	if !f.DryRun || f.Listen == "" || len(f.QuietHours) != 1 || len(f.Channels) != 6 || len(f.Policies) != 2 || f.Apps[2].Health == nil {
		t.Errorf("the examples lack something: %+v", f)
	}
	if _, err := Draft("/x", nil); err == nil {
		t.Error("a draft for no app at all")
	}

	name := filepath.Join(t.TempDir(), "engine.yaml")
	if err := Create(name, text); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := Create(name, []byte("x")); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("it overwrites: %v", err)
	}
	if got, err := Read(name, noEnv); err != nil || len(got.Apps) != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestUnsafeFiles: what others can write decides nothing, and what all can read is no secret.
func TestUnsafeFiles(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string, mode os.FileMode) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		return name
	}
	put("open", "https://hooks.example/x\n", 0o644)
	put("shut", "https://hooks.example/y\n", 0o600)
	with := func(file string) string { return start + "channels: [{type: slack, url: {file: " + file + "}}]\n" }
	for _, c := range []struct{ name, want string }{
		{put("a.yaml", start, 0o666), "chmod go-w"},
		{dir, "it is no regular file"},
		{filepath.Join(dir, "none"), "no such file"},
		{put("b.yaml", with("open"), 0o644), "everybody may read"},
	} {
		if _, err := Read(c.name, noEnv); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	f, err := Read(put("c.yaml", with("shut"), 0o640), noEnv)
	if err != nil || f.Channels[0].URL.Value() != "https://hooks.example/y" {
		t.Errorf("%v, %v", f, err)
	}
}

// FuzzParse: no text makes it fail but by an error.
func FuzzParse(f *testing.F) {
	f.Add([]byte(start))
	f.Add([]byte(start + "channels: [{type: email, server: \"mail:25\", from: a@b, to: [a@b]}]\n"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("1: 2\n"))
	f.Fuzz(func(_ *testing.T, text []byte) {
		if file, err := Parse("x.yaml", text, noEnv); err == nil {
			_, _ = file.List(nil)
			_ = file.AtMost(time.Unix(0, 0))
		}
	})
}
