package remedy

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// ask returns what an engine's address answers.
func ask(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return fmt.Sprintf("%d %s", answer.StatusCode, text)
}

// find returns what stands after a text on one of the lines that come, up to the line's end.
func find(t *testing.T, lines *bufio.Scanner, before string) string {
	t.Helper()
	for lines.Scan() {
		if _, after, ok := strings.Cut(lines.Text(), before); ok {
			return after
		}
	}
	t.Fatalf("the engine has ended, and no line has %q", before)
	return ""
}

// TestServesWhileItWaits: an engine that finds PM2's daemon dead, or one that does not answer while
// the configuration's file needs its list, serves --listen while it waits, tells people what is
// the matter, and goes on serving the same address when it begins.
func TestServesWhileItWaits(t *testing.T) {
	for _, c := range []struct {
		name  string
		flags []string
		file  string
		hangs bool
		says  string
	}{
		{"dead, by flags", []string{"--app", "web"}, "", false, `"daemon_dead"`},
		{"dead, by a file", nil, "version: 1\napps: [{pattern: \"w*\"}]\n", false, `"daemon_dead"`},
		{"hangs, by a file", nil, "version: 1\napps: [{pattern: \"w*\"}]\n", true, `"daemon_silent"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			home, revive := ranOnce(t, "web")
			url, alerts := receiver(t)
			flags := append(c.flags, "--home", home, "--alert-url", url, "--outage-deadline", "1ns", "--listen", "127.0.0.1:0")
			var x *Command
			if c.file == "" {
				x, _ = parseCommand(t, func(string) string { return "" }, flags...)
			} else {
				x = byFile(t, c.file, flags...)
			}
			var answers atomic.Bool
			if c.hangs {
				revive()
				x.list = func(ctx context.Context, home string) ([]pm2.Process, error) {
					if !answers.Load() {
						return nil, fmt.Errorf("cannot list: %w", context.DeadlineExceeded)
					}
					return listProcesses(ctx, home)
				}
			}
			e := launch(t, x)
			complaints, lines := e.complaints, e.lines
			at := find(t, complaints, "metrics and incidents are on ")
			go func() {
				for complaints.Scan() {
					if strings.Contains(complaints.Text(), "metrics and incidents") {
						t.Errorf("it serves another address: %s", complaints.Text())
					}
				}
			}()
			await(t, lines, c.says, `"opened"`)
			if a := <-alerts; a.Status != engine.StatusFiring {
				t.Errorf("it tells people %s first", a.Status)
			}
			if got := ask(t, at+"/healthz"); !strings.HasPrefix(got, "200 ") {
				t.Errorf("/healthz: %s", got)
			}
			if got := ask(t, at+"/incidents"); !strings.Contains(got, c.says) {
				t.Errorf("/incidents: %s", got)
			}
			if c.hangs {
				answers.Store(true)
			} else {
				go revive()
			}
			await(t, lines, c.says, `"resolved"`)
			await(t, lines, `"ready"`, `"web"`)
			go func() {
				for lines.Scan() {
				}
			}()
			if got := ask(t, at+"/healthz"); !strings.HasPrefix(got, "200 ") {
				t.Errorf("/healthz of an engine at work: %s", got)
			}
			e.stop()
			if code := <-e.ended; code != exitOK {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// TestTakesOverWithoutPM2: where PM2 has ended together with the engine that looked after its apps,
// the one that stands by with a configuration's file waits for PM2, and does not end.
func TestTakesOverWithoutPM2(t *testing.T) {
	home, revive := ranOnce(t, "web")
	revive()
	first, err := takeNotes(home, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	x := byFile(t, "version: 1\napps: [{pattern: \"w*\"}]\n", "--home", home, "--standby")
	e := launch(t, x)
	complaints, lines := e.complaints, e.lines
	await(t, complaints, "this one stands by")
	for _, name := range []string{"rpc.sock", "pub.sock"} {
		if err := os.Rename(filepath.Join(home, name), filepath.Join(home, name+".later")); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(home, "pm2.pid")); err != nil {
		t.Fatal(err)
	}
	first.close()
	await(t, complaints, "the engine waits for PM2")
	go func() {
		for complaints.Scan() {
		}
	}()
	go revive()
	await(t, lines, `"ready"`, `"web"`)
	go func() {
		for lines.Scan() {
		}
	}()
	e.stop()
	if code := <-e.ended; code != exitOK {
		t.Errorf("exit code %d", code)
	}
}
