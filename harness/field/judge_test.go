package field

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// arm10 is a record of ten seconds, in which requests were answered except from gap to
// until, and of a list with two workers online.
func arm10(gap, until time.Duration) *Record {
	r := new(Record)
	for at := time.Duration(0); at < 10*time.Second; at += 100 * time.Millisecond {
		q := Request{Due: at, Status: 200, Probe: true}
		if at >= gap && at < until {
			q = Request{Due: at, Error: "refused", Probe: true}
		}
		r.Requests = append(r.Requests, q)
	}
	r.Lists = []Listing{{Workers: []Worker{{App: "web", Status: "online"}, {App: "web", ID: 1, Status: "online"}}}}
	return r
}

func alert(at time.Duration, status, cause, text string) Said {
	return Said{at, fmt.Sprintf(`{"status":%q,"cause":%q,"evidence":[{"source":"log","text":%q}],"ruled_out":[{"cause":"boot_crash.deterministic","fact":"it is none"}]}`, status, cause, text)}
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name  string
		of    Case
		spoil func(alone, with *Record)
		want  string // part of what is broken; "" for nothing
	}{
		{"kept", Case{}, nil, ""},
		{"served less", Case{}, func(_, with *Record) { *with = *arm10(3*time.Second, 6*time.Second) }, "worse than PM2 alone: served 7.0 s"},
		{"served less, within the slack", Case{Slack: 4 * time.Second, Share: 0.5}, func(_, with *Record) { *with = *arm10(3*time.Second, 6*time.Second) }, ""},
		{"answered less in each window", Case{}, func(_, with *Record) {
			for i := range with.Requests {
				if i%2 == 0 {
					with.Requests[i].Status = 500
				}
			}
		}, "answered 50.0 %"},
		{"harmful requests are owed nothing", Case{}, func(_, with *Record) {
			for range 50 {
				with.Requests = append(with.Requests, Request{Due: time.Second, Harmful: true})
			}
		}, ""},
		{"fewer online", Case{}, func(_, with *Record) { with.Lists[0].Workers[1].Status = "stopped" }, "1 workers are online"},
		{"streams cut", Case{}, func(_, with *Record) { with.Streams.Cut = 1 }, "1 open streams cut"},
		{"back too late", Case{Serves: 3 * time.Second}, func(alone, with *Record) {
			*alone, *with = *arm10(2*time.Second, 6*time.Second), *arm10(2*time.Second, 6*time.Second)
		}, "did not until 6.0 s"},
		{"nobody told", Case{Told: Told{5 * time.Second, ""}}, nil, "nobody was told"},
		{"told late", Case{Told: Told{5 * time.Second, ""}}, func(_, with *Record) {
			with.Alerts = []Said{alert(8*time.Second, "firing", "undetermined", "")}
		}, "told after 8.0 s"},
		{"told of something else", Case{Told: Told{5 * time.Second, "ECONNREFUSED"}}, func(_, with *Record) {
			with.Alerts = []Said{alert(time.Second, "firing", "undetermined", "down")}
		}, "no alert names"},
		{"named only as ruled out", Case{Told: Told{5 * time.Second, "boot_crash"}}, func(_, with *Record) {
			with.Alerts = []Said{alert(time.Second, "firing", "undetermined", "down")}
		}, "no alert names"},
		{"told in time", Case{Told: Told{5 * time.Second, "127.0.0.1:{db}"}}, func(_, with *Record) {
			with.Names.DB = 20001
			with.Alerts = []Said{alert(time.Second, "firing", "dependency_outage", "connect 127.0.0.1:20001")}
		}, ""},
		{"a resolved alert tells nobody", Case{Told: Told{5 * time.Second, ""}}, func(_, with *Record) {
			with.Alerts = []Said{alert(time.Second, "resolved", "undetermined", "")}
		}, "nobody was told"},
		{"an alert before the fault", Case{}, func(_, with *Record) {
			with.Alerts = []Said{alert(-time.Second, "firing", "hot_worker", "")}
		}, "before the fault"},
		{"an alert although all is well", Case{Quiet: true}, func(_, with *Record) {
			with.Alerts = []Said{alert(time.Second, "firing", "hot_worker", "")}
		}, "although nothing is wrong"},
		{"forbidden words", Case{Never: []string{"boot_crash"}}, func(_, with *Record) {
			with.Lines = []Said{{0, `{"type":"detected","cause":"boot_crash.deterministic"}`}}
		}, "it says"},
		{"a cause ruled out is not said", Case{Never: []string{"boot_crash"}}, func(_, with *Record) {
			with.Alerts = []Said{alert(time.Second, "firing", "undetermined", "")}
		}, ""},
		{"words that are missing", Case{Says: []string{"80M"}}, nil, "it does not say"},
		{"a forbidden action", Case{NeverDoes: []string{"stop"}}, func(_, with *Record) {
			with.Lines = []Said{{0, `{"type":"action","action":"stop","phase":"begin","id":1}`}}
		}, `it does "stop 1"`},
		{"the engine ended", Case{}, func(_, with *Record) { with.Ended = &Ending{Code: 2} }, "ended by itself"},
		{"not refused", Case{Refused: true}, nil, "the engine runs on"},
		{"refused with another code", Case{Refused: true}, func(_, with *Record) { with.Ended = &Ending{Code: 1} }, "exit code 1"},
		{"refused in other words", Case{Refused: true, Told: Told{Naming: "web"}}, func(_, with *Record) {
			with.Ended, with.Stderr = &Ending{Code: 64}, "no such app"
		}, "its complaint does not match"},
		{"refused", Case{Refused: true, Told: Told{Naming: "web"}}, func(_, with *Record) {
			with.Ended, with.Stderr = &Ending{Code: 64}, "no such app; there are: web"
		}, ""},
		{"a rule", Case{Holds: []Rule{{"a rule", func(_, _ *Record) string { return "is broken" }}}}, nil, "a rule: is broken"},
	} {
		c.of.PM2, c.of.Watch = "name: 'web'", 10*time.Second
		alone, with := arm10(0, 0), arm10(0, 0)
		if c.spoil != nil {
			c.spoil(alone, with)
		}
		got := strings.Join(Judge(c.of, alone, with).Broken, "\n")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: broken is %q, want %q", c.name, got, c.want)
		}
	}
}

// TestJudgeNothing: a case without requests, or with a step that failed, proves nothing.
func TestJudgeNothing(t *testing.T) {
	c := Case{PM2: "name: 'web'", Watch: 10 * time.Second}
	if v := Judge(c, new(Record), new(Record)); v.Result() != "void" {
		t.Errorf("without requests: %s", v.Result())
	}
	failed := arm10(0, 0)
	failed.Failed = "cannot stop database.js"
	if v := Judge(c, failed, arm10(0, 0)); v.Result() != "void" {
		t.Errorf("after a failed step: %s", v.Result())
	}
}

// TestJudgeNoise: on a noisy host seconds prove nothing, words do.
func TestJudgeNoise(t *testing.T) {
	c := Case{PM2: "name: 'web'", Watch: 10 * time.Second, Says: []string{"80M"}}
	with := arm10(3*time.Second, 6*time.Second)
	with.Lag = time.Second
	v := Judge(c, arm10(0, 0), with)
	if len(v.Noisy) != 2 || len(v.Broken) != 1 || v.Result() != "BROKEN" {
		t.Errorf("noisy %q, broken %q: %s", v.Noisy, v.Broken, v.Result())
	}
	c.Says = nil
	if v := Judge(c, arm10(0, 0), with); v.Result() != "noisy" {
		t.Errorf("%s", v.Result())
	}
}

// TestCasesAreDistinct: names are unique, for -run and for files, and each says a story.
func TestCasesAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range cases() {
		if seen[c.Name] || c.Story == "" || c.Watch == 0 || c.parseName() == "" {
			t.Errorf("case %q is incomplete or there twice", c.Name)
		}
		seen[c.Name] = true
	}
}
