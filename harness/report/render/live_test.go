package render

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// watched is a cluster of two workers, of which one is gone, at 20 s.
func watched() *evidence.Record {
	r := &evidence.Record{Header: evidence.Header{Workers: 2, Lanes: []evidence.LaneSpec{{Lane: evidence.LaneShort, Rate: 10}}}}
	for i := range 200 {
		at := time.Duration(i) * time.Second / 10
		q := evidence.Request{Lane: evidence.LaneShort, Due: at, Done: at + 20*time.Millisecond, Class: evidence.Answered, PID: 101}
		if i >= 190 {
			q.Class, q.PID = evidence.Refused, 0
		}
		r.Requests = append(r.Requests, q)
	}
	r.Snapshots = []evidence.Snapshot{{At: 15 * time.Second, Daemon: 50, Workers: []evidence.Worker{
		{ID: 0, PID: 101, Alive: true, Status: "online", RSS: 60 << 20}, {ID: 1, PID: 0, Status: "errored", Restarts: 16},
	}}}
	r.Events = []evidence.Event{{At: 14 * time.Second, Topic: "log:err", ID: 1, Text: "Error: no database\n    at x"}, {At: 15 * time.Second, Topic: "process:event", Event: "exit", ID: 1}}
	r.Claims = []evidence.Claim{{At: 16 * time.Second, Type: "detected", Cause: "dependency_down"}}
	return r
}

func TestLiveFits(t *testing.T) {
	live := Live{
		Title: strings.Repeat("a long title ", 20), State: strings.Repeat("a long state ", 20), Keys: "[q] leave",
		Notes: []string{"same symptom: yes: " + strings.Repeat("both show it ", 12), strings.Repeat("x", 90)},
		Hints: []string{"docker exec -it 0123456789ab sh", strings.Repeat("another ", 40)},
	}
	for _, size := range [][2]int{{80, 24}, {200, 60}, {40, 12}} {
		live.Width, live.Height = size[0], size[1]
		frame := live.Frame(watched(), 20*time.Second)
		if len(frame) != live.Height {
			t.Errorf("%v: %d lines", size, len(frame))
		}
		for _, line := range frame {
			if n := utf8.RuneCountInString(line); n > live.Width {
				t.Errorf("%v: a line of %d columns: %q", size, n, line)
			}
		}
		if live.Height >= 24 && !strings.HasPrefix(frame[2], "same symptom: yes: both show it") {
			t.Errorf("%v: the note is %q", size, frame[2])
		}
		if frame[len(frame)-1] != "[q] leave" {
			t.Errorf("%v: the last line is %q", size, frame[len(frame)-1])
		}
	}
}

func TestLiveTells(t *testing.T) {
	text := strings.Join(Live{Width: 100, Height: 30}.Frame(watched(), 20*time.Second), "\n")
	for _, want := range []string{"errored", "       16", "60 MiB", "worker 1 Error: no database", "worker 1 exit", "engine detected dependency_down"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	// 20 of 30 were answered in the last three seconds, and 10 refused.
	if !strings.Contains(text, "short              6.7      3.3") {
		t.Errorf("the rates are wrong:\n%s", text)
	}
}

func TestPasteable(t *testing.T) {
	for command, want := range map[string]string{
		"docker exec -it x sh":                                                    "docker exec -it x sh",
		"docker exec -it 0123456789ab agent engine --dry-run":                     "docker exec -it 0123456789ab \\\n  agent engine --dry-run",
		"docker exec -it 0123456789ab sh -c 'one; two; three and more; and more'": "docker exec -it 0123456789ab \\\n  sh -c \\\n  'one; two; three and more; an…",
	} {
		if got := strings.Join(splitCommand(command, 32), "\n"); got != want {
			t.Errorf("%q became %q", command, got)
		}
	}
}
