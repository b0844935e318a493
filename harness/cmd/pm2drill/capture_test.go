package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/fixtures"
	"github.com/pm2drill/pm2drill/harness/cluster"
)

// TestDockerCapture makes six incidents by hand, one of them early and late, with PM2's own commands and the
// shell's, captures each where it happens, and asks for the scenario elsewhere. With
// PM2DRILL_SYMPTOM_TEST=1 it has that brought about, which must show the same symptom.
func TestDockerCapture(t *testing.T) {
	binary := built(t)
	docker, err := cluster.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { docker.Close() })
	images, err := docker.Images(t.Context(), os.Getenv("NODE"), os.Getenv("PM2"))
	if err != nil {
		t.Fatal(err)
	}
	apps, err := fixtures.Load()
	if err != nil {
		t.Fatal(err)
	}
	post := func(path string) string {
		return fmt.Sprintf(`node -e "fetch('http://127.0.0.1:3000%s',{method:'POST',signal:AbortSignal.timeout(3000)}).catch(()=>{}).then(()=>process.exit(0))"`, path)
	}
	const stranger = "pm2 stop app && (node -e 'require(`http`).createServer().listen(3000)' >/tmp/s 2>&1 &) && sleep 1 && pm2 start app"
	const gaveUp = "until [ $(grep -c 'too many unstable' ${PM2_HOME:-$HOME/.pm2}/pm2.log) -ge 4 ]; do sleep 0.5; done"
	for _, c := range []struct {
		fixture string
		server  cluster.Server
		hand    string // a line of shell; "" has the server stopped
		before  bool   // the incident is there when the capture begins; else it happens meanwhile
		want    string
		app     string // folder of an app to which it happens too; "" for none
	}{
		{"stalls", "", "kill -STOP $(pm2 pid app | head -n 1)", true, "stopped-worker", "testdata/plain"},
		{"stalls", "", "sleep 31; " + post("/stall"), true, "stalled-worker", ""},
		{"port-taken", "", stranger, true, "port-taken", ""},
		{"port-taken", "", stranger + "; " + gaveUp, true, "port-taken", "testdata/plain"},
		{"needs-variable", "", "sed -i s/current/next/ /srv/*/REVISION && pm2 restart app", false, "variable-missing", ""},
		{"needs-redis", cluster.Redis, "", true, "database-outage", ""},
		{"sends-circular", "", "for i in 1 2 3 4 5 6; do " + post("/report") + `; sleep 1; done; pm2 jlist | grep -q '"restart_time":[1-9]'`, false, "circular-message", ""},
	} {
		t.Run(c.want, func(t *testing.T) {
			t.Parallel() // they wait most of the time
			layout := cluster.Draw(rand.New(rand.NewPCG(1, 1)), rand.New(rand.NewPCG(1, 1)), nil)
			// Nobody reads the app's journal, and so its files say what it is.
			layout.Releases[cluster.Current] = fmt.Sprintf(`{"run":%d,"release":"current"}`, apps.Numbers[c.fixture])
			spec := cluster.Spec{
				Run: fmt.Sprintf("test-%d-%d", os.Getpid(), time.Now().UnixNano()), Images: images, Apps: apps, Layout: layout,
				App: c.fixture, Server: c.server, Binary: binary, OnPath: true,
			}
			cl, err := docker.Start(t.Context(), spec)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := cl.Close(context.Background()); err != nil {
					t.Error(err)
				}
			})
			if err := cl.Up(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := cl.Listens(t.Context(), 3000); err != nil {
				t.Fatal(err)
			}
			file := captured(t, cl, c.hand, c.before)
			out, err := exec.Command(binary, "reproduce", "--from", file, "--diagnose").CombinedOutput()
			if err != nil || !strings.Contains(string(out), "scenario   "+c.want+":") {
				t.Fatalf("%v: want %s:\n%s", err, c.want, out)
			}
			if os.Getenv("PM2DRILL_SYMPTOM_TEST") != "" {
				sameSymptom(t, binary, file)
				if c.app != "" {
					sameSymptom(t, binary, file, "--app", c.app)
				}
			}
		})
	}
}

// sameSymptom brings about what was captured, and leaves when it has said whether that
// is the same.
func sameSymptom(t *testing.T, binary, file string, more ...string) {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"reproduce", "--from", file}, more...)...)
	keys, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all, verdict string
	for said := bufio.NewScanner(out); said.Scan(); {
		all += said.Text() + "\n"
		if line, ok := strings.CutPrefix(said.Text(), "same symptom: "); ok && !strings.HasPrefix(line, "not known yet") {
			verdict = line
			_ = keys.Close() // which is how one leaves; one that has left has closed it
		}
	}
	if err := cmd.Wait(); err != nil || !strings.HasPrefix(verdict, "yes: ") {
		t.Errorf("%v: the symptom is the same: %q\n%s", err, verdict, all)
	}
	t.Log(verdict)
}

// captured looks at the incident, before or after it happens, and brings the file back.
func captured(t *testing.T, cl *cluster.Cluster, hand string, before bool) string {
	t.Helper()
	if before {
		happen(t, cl, hand)
	}
	look, err := cl.Stream(t.Context(), cluster.StreamSpec{Cmd: []string{
		"pm2drill", "capture", "--app", "app", "--url", "http://127.0.0.1:3000/healthz", "--for", "30s", "--out", "/tmp/capture.tgz",
	}})
	if err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(look.Stdout)
	if !said.Scan() {
		t.Fatalf("it says nothing: %s", look.Stderr())
	}
	if !before {
		happen(t, cl, hand)
	}
	for said.Scan() {
		t.Log(said.Text())
	}
	files, err := cl.ReadDir(t.Context(), "/tmp/capture.tgz")
	if err != nil {
		t.Fatalf("%v: %s", err, look.Stderr())
	}
	name := filepath.Join(t.TempDir(), "capture.tgz")
	if err := os.WriteFile(name, files["capture.tgz"], 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// happen makes the incident.
func happen(t *testing.T, cl *cluster.Cluster, hand string) {
	t.Helper()
	if hand == "" {
		if err := cl.StopServer(t.Context()); err != nil {
			t.Fatal(err)
		}
		return
	}
	o, err := cl.Exec(t.Context(), "sh", "-c", hand)
	if err == nil {
		err = o.Failed()
	}
	if err != nil {
		t.Fatal(err)
	}
}
