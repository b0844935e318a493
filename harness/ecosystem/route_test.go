package ecosystem

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// routed are apps that say what reaches them by each route.
func routed() map[string]string {
	return map[string]string{
		"words":     `"script":"report.js","args":"serve 'a b'","exec_mode":"cluster"`,
		"bare":      `"script":"report.js","exec_mode":"cluster"`,
		"fork-args": `"script":"report.js","args":"serve","exec_mode":"fork"`,
		"preload":   `"script":"report.js","node_args":"-r ./preload.js","exec_mode":"cluster","autorestart":false`,
	}
}

// TestDaemonRoutesAgreeWithPM2 starts the same apps by each route, and compares what
// they find with the model: the arguments before their own, and where relative paths
// in node_args lead.
func TestDaemonRoutesAgreeWithPM2(t *testing.T) {
	if os.Getenv("PM2DRILL_DAEMON_TEST") == "" {
		t.Skip("needs PM2: images/in-container.sh ./harness/ecosystem")
	}
	for _, route := range []Route{Runtime, Systemd} {
		for _, atHome := range []bool{true, false} {
			if route == Systemd && atHome {
				continue // its directory is / in any case
			}
			t.Run(fmt.Sprintf("%s, from the app's directory: %v", route, atHome), func(t *testing.T) {
				l := newLab(t)
				from := l.elsewhere
				if atHome {
					from = l.dir
				}
				file := l.fileOf(t, routed())
				target := Target{CPUs: l.cpus, Node: l.node, PM2: l.version, Cwd: from, Route: route, Env: "production", OS: map[string]string{}}
				if route == Runtime {
					l.inForeground(t, from, file)
				} else {
					l.atBoot(t, file)
				}
				for name, settings := range routed() {
					l.routeAgrees(t, started{name: name, settings: settings}, file, target)
				}
			})
		}
	}
}

// routeAgrees holds the report of one app to the model.
func (l lab) routeAgrees(t *testing.T, x started, file string, target Target) {
	t.Helper()
	ready, rejected := Verify([]Value{l.value(t, x)}, target)
	if rejected != nil {
		t.Fatal(rejected)
	}
	p := Prepare(ready[0], target, onDisk{})
	dir, known := p.ArgsDir()
	if !known {
		t.Fatalf("the model does not know the directory of PM2 by route %s", target.Route)
	}
	if x.name == "preload" && dir != l.dir {
		l.awaitExit(t, x.name)
		return
	}
	var got seenByApp
	l.await(t, x.name, &got)
	if want := append(p.Inherited(file), listTexts(ready[0].Get("args"))...); !slices.Equal(got.Argv, want) {
		t.Errorf("%s finds the arguments %q; the model says %q", x.name, got.Argv, want)
	}
	if got.Loaded != (x.name == "preload") {
		t.Errorf("%s: the preload was found: %v, with PM2 in %s", x.name, got.Loaded, dir)
	}
}

// fileOf writes a configuration of all apps.
func (l lab) fileOf(t *testing.T, apps map[string]string) string {
	t.Helper()
	text := ""
	for name, settings := range apps {
		if text != "" {
			text += ",\n"
		}
		text += l.file(started{name: name, settings: settings})
	}
	file := filepath.Join(l.dir, "routes.json")
	if err := os.WriteFile(file, []byte(`{"apps":[`+text+`]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// inForeground runs pm2-runtime until the test ends, in place of the lab's daemon.
func (l lab) inForeground(t *testing.T, dir, file string) {
	t.Helper()
	l.pm2(t, l.elsewhere, "kill")
	cmd := exec.Command(runtimePath(t), "start", file, "--env", "production")
	cmd.Dir, cmd.Env = dir, []string{"PM2_HOME=" + l.home, "HOME=" + l.home, "PATH=" + os.Getenv("PATH")}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait() // its exit code differs between versions
	})
}

// runtimePath is pm2-runtime, which stands beside pm2's own file.
func runtimePath(t *testing.T) string {
	t.Helper()
	link, err := exec.LookPath("pm2")
	if err != nil {
		t.Fatal(err)
	}
	real, err := filepath.EvalSymlinks(link)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(filepath.Dir(real), "pm2-runtime")
}

// atBoot starts and saves the apps, ends the daemon, and resurrects them as the unit of
// pm2 startup does: in the directory /.
func (l lab) atBoot(t *testing.T, file string) {
	t.Helper()
	l.pm2(t, l.elsewhere, "kill")
	l.pm2(t, l.dir, "start", file, "--env", "production")
	l.pm2(t, l.dir, "save", "--force")
	l.pm2(t, l.dir, "kill")
	for name := range routed() {
		if err := os.Remove(l.report(name)); err != nil {
			t.Logf("%s had not reported before: %v", name, err)
		}
	}
	l.pm2(t, "/", "resurrect")
}

// awaitExit waits until PM2 has the app as ended without a report.
func (l lab) awaitExit(t *testing.T, name string) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for {
		var rows []struct {
			Name string `json:"name"`
			Env  struct {
				Status string `json:"status"`
			} `json:"pm2_env"`
		}
		out := l.pm2(t, l.elsewhere, "jlist", "--silent")
		if json.Unmarshal([]byte(out), &rows) == nil {
			for _, r := range rows {
				if r.Name == name && r.Env.Status != "online" && r.Env.Status != "launching" {
					if l.reported(name) {
						t.Errorf("%s has reported", name)
					}
					return
				}
			}
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%s still runs, and was to find no preload: %s", name, out)
		}
	}
}
