package remedy

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/config"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
	"github.com/pm2drill/pm2drill/harness/remedy/status"
)

// daemonWith is a PM2 whose list has apps of these names, with one stopped worker each.
func daemonWith(t *testing.T, names ...string) fakeDaemon {
	t.Helper()
	var rows []string
	for id, name := range names {
		rows = append(rows, fmt.Sprintf(`{"pid":0,"pm_id":%d,"name":%q,"pm2_env":{"status":"stopped","namespace":"default","exec_mode":"cluster_mode"}}`, id, name))
	}
	f := newFakeDaemon(t, listing(rows...))
	if err := os.WriteFile(filepath.Join(f.home, "pm2.pid"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

// put writes a file anew, of another identity than the one before it, as editors do.
func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name+"~", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+"~", name); err != nil {
		t.Fatal(err)
	}
}

// byFile is the command with a configuration file, and the flags that were given besides.
func byFile(t *testing.T, text string, flags ...string) *Command {
	t.Helper()
	name := filepath.Join(t.TempDir(), "engine.yaml")
	put(t, name, text)
	x, _ := parseCommand(t, func(string) string { return "" }, append([]string{"--config", name}, flags...)...)
	x.Given = func(flag string) bool {
		return slices.ContainsFunc(flags, func(f string) bool { return f == "--"+flag })
	}
	return x
}

// TestFlagsWin: over the file, and it is said over what.
func TestFlagsWin(t *testing.T) {
	f := daemonWith(t, "web", "api")
	file := fmt.Sprintf(`version: 1
home: %q
stall: 7s
min_healthy: 3
budget: {app: 9}
policies: {default: ask}
dry_run: true
apps:
  - {name: web, min_healthy: 2, budget: {worker: 4}, policies: {hot_worker: act}, health: {url: "http://127.0.0.1:3000/", expect: [2xx]}}
  - {pattern: "a*"}
`, f.home)
	for _, c := range []struct {
		flags string
		said  string
		check func(Config) bool
	}{
		{"", "", func(c Config) bool {
			api, web := c.Apps[0], c.Apps[1]
			return api.Name == "api" && api.Namespace == "" && api.Limits.MinHealthy == 3 && api.Limits.PerApp == 9 && api.Limits.PerWorker == plan.DefaultLimits().PerWorker &&
				web.Limits.MinHealthy == 2 && web.Limits.PerWorker == 4 && web.Port == 3000 && web.Expect[0].To == 299 && web.Limits.Stall == 7*time.Second && c.DryRun &&
				web.Limits.Policies.Choose(engine.HotWorker) == plan.PolicyAct && api.Limits.Policies.Choose(engine.HotWorker) == plan.PolicyAsk
		}},
		{"--stall 9s", "engine.yaml: stall (--stall)", func(c Config) bool { return c.Apps[0].Limits.Stall == 9*time.Second }},
		{"--min-healthy 1", "min_healthy (--min-healthy)", func(c Config) bool { return c.Apps[0].Limits.MinHealthy == 1 && c.Apps[1].Limits.MinHealthy == 1 }},
		{"--app api=http://127.0.0.1:7/", "apps (--app)", func(c Config) bool {
			return len(c.Apps) == 1 && c.Apps[0].Port == 7 && c.Apps[0].Limits.MinHealthy == 3 && c.Apps[0].Limits.Policies.Choose(engine.HotWorker) == plan.PolicyAsk
		}},
	} {
		var said bytes.Buffer
		cfg, err := byFile(t, file, strings.Fields(c.flags)...).configure(t.Context(), nil, &said)
		if err != nil || !c.check(cfg) {
			t.Errorf("%q: %v, %+v", c.flags, err, cfg)
		}
		if (c.said == "") != (said.Len() == 0) || !strings.Contains(said.String(), c.said) {
			t.Errorf("%q: it says %q, want %q", c.flags, said.String(), c.said)
		}
	}
}

// TestInitAndCheck: what init writes, check finds right, and the engine could start with; what
// is wrong is named by file and line.
func TestInitAndCheck(t *testing.T) {
	f, none := daemonWith(t, "web", "api"), func(string) string { return "" }
	name := filepath.Join(t.TempDir(), "engine.yaml")
	if err := Init(t.Context(), f.home, name); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Check(t.Context(), name, none, "", &out); err != nil {
		t.Fatal(err)
	}
	for _, says := range []string{"is right, for PM2 in " + f.home, "\nweb\n", "\napi\n", "no health URL", "policy: act", "told: nobody"} {
		if !strings.Contains(out.String(), says) {
			t.Errorf("it does not say %q: %s", says, out.String())
		}
	}
	if err := Init(t.Context(), f.home, name); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("a second init: %v", err)
	}
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	defer app.Close()
	for text, says := range map[string]string{
		"version: 1\napps: [{name: webb}]\n":                                                   ":2: apps[0].name: PM2 has no app webb (did you mean web?); it has api, web",
		"version: 1\napps: [{name: web}]\nquiet: []\n":                                         ":3: quiet: no key has this name",
		"version: 1\nhome: /nowhere\napps: [{name: web}]\n":                                    "/nowhere is not a directory",
		"version: 1\napps: [{name: web, health: {url: \"" + app.URL + "\"}}]\n":                "answers 418 now; what is usual is learned",
		"version: 1\napps: [{name: web, health: {url: \"" + app.URL + "\", expect: [2xx]}}]\n": "WARNING: the health URL answers 418 now, which is not expected",
		"version: 1\napps: [{name: web, health: {url: \"" + app.URL + "\", expect: [418]}}]\n": "answers 418 now, as expected",
		"version: 1\napps: [{name: web, health: {url: \"http://127.0.0.1:1/\"}}]\n":            "WARNING: the health URL does not answer now",
	} {
		put(t, name, text)
		out.Reset()
		err := Check(t.Context(), name, none, f.home, &out)
		got := out.String()
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, says) || err != nil && !strings.Contains(says, "/nowhere") && !strings.Contains(got, name) {
			t.Errorf("%s: %s, want %s", text, got, says)
		}
	}
}

// shared is a buffer that several goroutines may write to.
type shared struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// await reads lines until one has all of the words.
func await(t *testing.T, lines *bufio.Scanner, words ...string) {
	t.Helper()
	for lines.Scan() {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(lines.Text(), w) }) {
			return
		}
	}
	t.Fatalf("the engine has ended, and no line has %q", words)
}

// TestReloadsAsAWhole: an app more, an app less, and another policy are taken over; a file that
// is wrong in any part changes nothing.
func TestReloadsAsAWhole(t *testing.T) {
	f := daemonWith(t, "web", "api", "job")
	home := fmt.Sprintf("version: 1\nhome: %q\n", f.home)
	x := byFile(t, home+"apps: [{name: web}]\n")
	cfg, err := x.configure(t.Context(), nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	out, in := io.Pipe()
	said, updates := &shared{}, make(chan Update)
	cfg.Stdin, cfg.Stdout, cfg.Updates, cfg.Board = strings.NewReader(""), in, updates, status.NewBoard("v1")
	r := &reloader{command: x, now: cfg, watch: config.NewWatch(x.file), updates: updates, stderr: said}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, cfg)
		in.Close()
	}()
	lines := bufio.NewScanner(out)
	await(t, lines, `"ready"`, `"web"`)
	reload := func(text string, words ...string) {
		t.Helper()
		put(t, x.file, text)
		if !r.watch.Changed() {
			t.Error("the change is not seen")
		}
		done := make(chan struct{})
		go func() { r.reload(ctx); close(done) }()
		if len(words) > 0 {
			await(t, lines, words...)
		}
		<-done
	}
	apps := func() (names []string) {
		for _, a := range r.now.Apps {
			names = append(names, a.Name)
		}
		return names
	}
	reload(home+"apps: [{name: web}, {name: api}]\n", `"ready"`, `"api"`)
	go func() { // nobody reads lines any more but this
		for lines.Scan() {
		}
	}()
	for text, says := range map[string]string{
		home + "apps: [{name: web}, {name: gone}]\n":             "PM2 has no app gone",
		home + "apps: [{name: job}]\npolicies: {default: noo}\n": ":4: policies.default",
		home + "apps: [{name: job}]\ninspector: never\n":         ":4: inspector: it cannot change while the engine runs: take the change back, or restart the engine",
		home + "apps: [{name: job}]\nlisten: 127.0.0.1:9\n":      ":4: listen: it cannot change while the engine runs",
		"version: 1\nhome: /nowhere\napps: [{name: job}]\n":      "/nowhere is not a directory",
	} {
		reload(text)
		if !strings.Contains(said.String(), says) || !strings.Contains(said.String(), "is refused, and the configuration before it stays in force") {
			t.Errorf("%s: it says %s", text, said.String())
		}
		if !slices.Equal(apps(), []string{"api", "web"}) {
			t.Errorf("%s: it looks after %v", text, apps())
		}
	}
	reload(home + "apps: [{name: api}]\npolicies: {default: observe}\n")
	if !slices.Equal(apps(), []string{"api"}) || r.now.Apps[0].Limits.Policies.Default != plan.PolicyObserve || strings.Count(said.String(), "is in force") != 2 {
		t.Errorf("it looks after %+v, and says %s", r.now.Apps, said.String())
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if audit, err := os.ReadFile(filepath.Join(f.home, auditFile)); err != nil || strings.Count(string(audit), `"action":"reload"`) != 5 {
		t.Errorf("the audit does not say that five files were refused: %v, %s", err, audit)
	}
}

// TestHangup: SIGHUP has the file read again, and does not end the engine.
func TestHangup(t *testing.T) {
	f := daemonWith(t, "web")
	x := byFile(t, fmt.Sprintf("version: 1\nhome: %q\napps: [{name: web}]\n", f.home))
	out, in := io.Pipe()
	said, saying := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() { ended <- x.Run(ctx, nil, strings.NewReader(""), in, saying); saying.Close() }()
	complaints, lines := bufio.NewScanner(said), bufio.NewScanner(out)
	await(t, lines, `"ready"`)
	go func() {
		for lines.Scan() {
		}
	}()
	if err := unix.Kill(os.Getpid(), unix.SIGHUP); err != nil {
		t.Fatal(err)
	}
	await(t, complaints, "is in force")
	stop()
	go func() {
		for complaints.Scan() {
		}
	}()
	if code := <-ended; code != exitOK {
		t.Errorf("exit code %d", code)
	}
}
