package remedy

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// ranOnce is a PM2 home whose daemon has ended, and how it is brought up again with apps.
func ranOnce(t *testing.T, apps ...string) (home string, revive func()) {
	t.Helper()
	f := daemonWith(t, apps...)
	for _, name := range []string{"rpc.sock", "pub.sock"} {
		if err := os.Rename(filepath.Join(f.home, name), filepath.Join(f.home, name+".later")); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(f.home, "pm2.pid")); err != nil { // pm2 kill does
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.home, "pm2.log"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return f.home, func() {
		if err := os.WriteFile(filepath.Join(f.home, "pm2.pid"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
			t.Error(err)
		}
		for _, name := range []string{"pub.sock", "rpc.sock"} {
			if err := os.Rename(filepath.Join(f.home, name+".later"), filepath.Join(f.home, name)); err != nil {
				t.Error(err)
			}
		}
	}
}

// receiver takes alerts.
func receiver(t *testing.T) (url string, alerts <-chan engine.Alert) {
	t.Helper()
	got := make(chan engine.Alert, 100)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		a, err := engine.DecodeAlert(text)
		if err != nil {
			t.Error(err)
		}
		got <- a
	}))
	t.Cleanup(s.Close)
	return s.URL, got
}

// TestWaitsForPM2: an engine that is started while PM2's daemon does not run tells people of each
// app, takes its work up when the daemon is there, and says that it is over; by flags and by a
// file. Where PM2 has never run it ends with an error.
func TestWaitsForPM2(t *testing.T) {
	for _, byFile := range []bool{false, true} {
		t.Run(fmt.Sprintf("by a file: %v", byFile), func(t *testing.T) {
			home, revive := ranOnce(t, "web", "api")
			url, alerts := receiver(t)
			args := []string{"--home", home, "--alert-url", url, "--outage-deadline", "1ns"}
			if byFile {
				name := filepath.Join(t.TempDir(), "engine.yaml")
				put(t, name, "version: 1\napps: [{name: web}, {name: api}]\n")
				args = append(args, "--config", name)
			} else {
				args = append(args, "--app", "web", "--app", "api")
			}
			x, names := parseCommand(t, func(string) string { return "" }, args...)
			x.Given = func(flag string) bool { return strings.Contains(strings.Join(args, " "), "--"+flag+" ") }
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			out, in := io.Pipe()
			complaints := new(shared)
			ended := make(chan int, 1)
			go func() {
				ended <- x.Run(ctx, names, strings.NewReader(""), in, complaints)
				in.Close()
			}()
			ready := make(chan string, 2)
			go func() {
				for lines := bufio.NewScanner(out); lines.Scan(); {
					if strings.Contains(lines.Text(), `"type":"ready"`) {
						ready <- lines.Text()
					}
				}
			}()
			for _, status := range []string{engine.StatusFiring, engine.StatusResolved} {
				apps := map[string]bool{}
				for len(apps) < 2 {
					a := <-alerts
					if a.Status != status || a.Cause != engine.DaemonDead || !strings.Contains(a.Evidence[0].Text, "does not run") {
						t.Errorf("it tells people %s, %s: %v", a.Status, a.Cause, a.Evidence)
					}
					apps[a.App] = true
				}
				if status == engine.StatusFiring {
					if byFile { // systemctl reload
						if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
							t.Error(err)
						}
					}
					revive()
				}
			}
			if both := <-ready + <-ready; !strings.Contains(both, `"app":"web"`) || !strings.Contains(both, `"app":"api"`) {
				t.Errorf("it begins with %s", both)
			}
			stop()
			if code := <-ended; code != exitOK {
				t.Errorf("exit code %d: %s", code, complaints.String())
			}
			if !strings.Contains(complaints.String(), "the engine waits for PM2") {
				t.Errorf("it says nothing of its waiting: %s", complaints.String())
			}
		})
	}
	t.Run("never ran", func(t *testing.T) {
		if code, complaint := command(t, t.TempDir()); code != exitUsage || !strings.Contains(complaint, "no PM2 daemon has run") {
			t.Errorf("exit code %d: %s", code, complaint)
		}
	})
	t.Run("is told to end", func(t *testing.T) {
		home, _ := ranOnce(t, "web")
		ctx, stop := context.WithCancel(t.Context())
		stop()
		x, names := parseCommand(t, func(string) string { return "" }, "--home", home, "--app", "web")
		if code := x.Run(ctx, names, strings.NewReader(""), io.Discard, io.Discard); code != exitOK {
			t.Errorf("exit code %d", code)
		}
	})
}

// launched is an engine that runs in this process.
type launched struct {
	complaints, lines *bufio.Scanner // its stderr and stdout, both of which must be read
	ended             <-chan int     // its exit code
	stop              func()         // has it end
}

// launch runs an engine until it is stopped or the test has ended.
func launch(t *testing.T, x *Command) launched {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	out, in := io.Pipe()
	stderr, errs := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- x.Run(ctx, nil, strings.NewReader(""), in, errs)
		in.Close()
		errs.Close()
	}()
	return launched{bufio.NewScanner(stderr), bufio.NewScanner(out), ended, stop}
}

// TestStandsByWithoutPM2: an engine that stands by does so while PM2's daemon does not run, and waits
// for PM2 itself once the other engine has ended.
func TestStandsByWithoutPM2(t *testing.T) {
	home, revive := ranOnce(t, "web")
	first, err := takeNotes(home, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	url, alerts := receiver(t)
	x, _ := parseCommand(t, func(string) string { return "" }, "--home", home, "--app", "web", "--standby", "--alert-url", url, "--outage-deadline", "1ns")
	e := launch(t, x)
	complaints, lines := e.complaints, e.lines
	await(t, complaints, "this one stands by")
	go func() { // nobody reads them any more but this
		for complaints.Scan() {
		}
	}()
	first.close()
	await(t, lines, `"detected"`, `"daemon_dead"`)
	go revive()
	await(t, lines, `"ready"`, `"web"`)
	if a := <-alerts; a.Status != engine.StatusFiring || a.Cause != engine.DaemonDead {
		t.Errorf("it tells people %s, %s", a.Status, a.Cause)
	}
	go func() {
		for lines.Scan() {
		}
	}()
	e.stop()
	if code := <-e.ended; code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

// TestWaitsForTheApps: a daemon that is there again has no apps before somebody has restored
// them, and the engine waits for these too.
func TestWaitsForTheApps(t *testing.T) {
	home, revive := ranOnce(t) // a list without any
	url, alerts := receiver(t)
	x, _ := parseCommand(t, func(string) string { return "" }, "--home", home, "--app", "web", "--alert-url", url, "--outage-deadline", "1ns")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() { ended <- x.Run(ctx, nil, strings.NewReader(""), io.Discard, io.Discard) }()
	if a := <-alerts; !strings.Contains(a.Evidence[0].Text, "does not run") {
		t.Errorf("it tells people %v", a.Evidence)
	}
	revive()
	if a := <-alerts; a.Status != engine.StatusFiring || !strings.Contains(a.Evidence[0].Text, "PM2 has no such app") {
		t.Errorf("it tells people %s: %v", a.Status, a.Evidence)
	}
	stop()
	if code := <-ended; code != exitOK {
		t.Errorf("exit code %d", code)
	}
}
