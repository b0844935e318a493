package rehearsal

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
)

const sec = time.Second

// rolled is a reload at 10 s: pid 101 goes at 12 s, and 201, begun at 10.5 s, has its
// first request at 11.7 s. 301 was there before the load.
func rolled() *evidence.Record {
	return &evidence.Record{
		Header: evidence.Header{App: "app", Arm: evidence.ArmRehearsal, Workers: 1},
		Marks:  []evidence.Mark{{At: 10 * sec, Name: evidence.MarkInject, Kind: evidence.KindRequest}},
		Requests: []evidence.Request{
			{ID: "a", Lane: evidence.LaneShort, Due: 5 * sec, Sent: 5 * sec, Done: 9 * sec, Class: evidence.Answered, PID: 101},
			{ID: "b", Lane: evidence.LaneShort, Due: 9 * sec, Sent: 9 * sec, Done: 9*sec + 1, Class: evidence.Answered, PID: 101},
			{ID: "c", Lane: evidence.LaneNoise, Due: 9 * sec, Sent: 9 * sec, Done: 29 * sec, Class: evidence.Answered},
			{ID: "d", Lane: evidence.LaneLong, Due: 9 * sec, Sent: 9 * sec, Done: 39 * sec, Class: evidence.TimedOut},
		},
		Served: []evidence.Served{
			{At: 1 * sec, PID: 301, Phase: "started"}, {At: 6 * sec, PID: 301, ID: "x", Phase: "begun"},
			{At: 10*sec + sec/2, PID: 201, Phase: "started"}, {At: 12 * sec, PID: 201, ID: "z", Phase: "begun"}, {At: 11*sec + 700*sec/1000, PID: 201, ID: "y", Phase: "begun"},
		},
		Exits:     []evidence.Exit{{At: 12 * sec, PID: 101}},
		Snapshots: []evidence.Snapshot{{Workers: []evidence.Worker{{RSS: 70 << 20}, {RSS: 90 << 20}}}},
		Events:    []evidence.Event{{Text: "Process with pid 101 still alive after 1600ms, sending SIGKILL to it now..."}},
	}
}

func TestMeasure(t *testing.T) {
	f := Measure([]Act{{Name: "reload", Record: rolled()}})
	want := report.Measured{Boots: []time.Duration{1200 * time.Millisecond}, Boot: 1200 * time.Millisecond, Longest: 4 * sec, Memory: 90 << 20, Reload: 2 * sec, Killed: 1}
	if fmt.Sprint(f) != fmt.Sprint(want) {
		t.Errorf("measured %+v, want %+v", f, want)
	}
	if slowed := Measure([]Act{{Name: "slow-start", Record: rolled(), Slowed: true}}); len(slowed.Boots) > 0 || slowed.Reload > 0 {
		t.Errorf("what was made to wait counts: %+v", slowed)
	}
	if none := Measure(nil); none.Boot != 0 || none.Longest != 0 {
		t.Errorf("measured of nothing: %+v", none)
	}
}

// TestSound: an act that was spoiled proposes nothing.
func TestSound(t *testing.T) {
	ruled := func(v promise.Verdict) Act {
		return Act{Record: rolled(), Rulings: []promise.Ruling{{Verdict: promise.Broken}, {Verdict: v}}}
	}
	if got := Sound([]Act{ruled(promise.Inconclusive), ruled(promise.Kept), ruled(promise.Skipped)}); len(got) != 2 {
		t.Errorf("%d acts of 2 are sound", len(got))
	}
	spoiled := Measure(Sound([]Act{ruled(promise.Inconclusive)}))
	if got := Propose(subject(t, "").Apps[0], spoiled, 0, false); len(got) > 0 {
		t.Errorf("proposed from a spoiled act: %v", got)
	}
}

// subject is an app of these settings.
func subject(t *testing.T, settings string) *lint.Subject {
	t.Helper()
	source := "{\"apps\": [{\n  \"name\": \"app\",\n" + settings + "  \"script\": \"a.js\"\n}]}\n"
	req := ecosystem.Request{Path: "ecosystem.json", Dialect: ecosystem.JSON, Source: []byte(source), Target: ecosystem.Target{CPUs: 2, Cwd: "/srv", OS: map[string]string{}}}
	return lint.NewSubject(req, sandbox.Evaluate(req), lint.Host{})
}

func TestPropose(t *testing.T) {
	f := report.Measured{Boots: []time.Duration{2 * sec}, Boot: 2 * sec, Longest: 3 * sec, Memory: 90 << 20}
	for _, c := range []struct {
		settings, want string
		handler        bool
	}{
		{"", "listen_timeout=14000 kill_timeout=6000", false},
		{"\"listen_timeout\": 14000, \"kill_timeout\": 4000,\n", "kill_timeout=7000", true},
		{"\"listen_timeout\": 8000, \"kill_timeout\": 5000,\n", "", false},
		{"\"listen_timeout\": 8000, \"kill_timeout\": 5000, \"max_memory_restart\": \"100M\",\n", `max_memory_restart="192M"`, false},
		{"\"listen_timeout\": 8000, \"kill_timeout\": 5000, \"max_memory_restart\": \"500M\",\n", "", false},
	} {
		var got []string
		for _, p := range Propose(subject(t, c.settings).Apps[0], f, 5*sec, c.handler) {
			got = append(got, p.Key+"="+p.Value)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q: proposed %v, want %s", c.settings, got, c.want)
		}
	}
	if none := Propose(subject(t, "").Apps[0], report.Measured{}, 5*sec, true); len(none) > 0 {
		t.Errorf("proposed of no figures: %v", none)
	}
}

func TestConfirm(t *testing.T) {
	ruling := func(v promise.Verdict) []promise.Ruling {
		return []promise.Ruling{{Promise: "not one request is dropped", Verdict: v, Because: "12 lost"}}
	}
	calm := rolled()
	calm.Events = nil
	for _, c := range []struct {
		rule string
		acts []Act
		want report.Verification
	}{
		{"T002", []Act{{Name: "reload", Record: rolled(), Rulings: ruling(promise.Kept)}}, report.Confirmed}, // one was killed
		{"T002", []Act{{Name: "reload", Record: calm, Rulings: ruling(promise.Kept)}}, report.Refuted},
		{"T002", []Act{{Name: "reload", Record: calm, Rulings: ruling(promise.Broken)}}, report.Confirmed},
		{"T002", []Act{{Name: "reload", Record: calm, Rulings: ruling(promise.Inconclusive)}}, report.Unseen},
		{"T003", []Act{{Name: "reload", Record: calm}}, report.Unseen},
		{"T009", []Act{{Name: "reload", Record: calm}}, report.Refuted},
		{"C001", []Act{{Name: "reload", Record: calm}}, report.Refuted},
		{"C007", []Act{{Name: "reload", Record: calm}}, report.Unseen},
		{"K001", []Act{{Name: "reload", Record: calm}}, report.Unseen},
	} {
		got := Confirm([]lint.Finding{{Rule: c.rule}}, c.acts, Measure(c.acts))
		if got[0].Verdict != c.want || got[0].Because == "" {
			t.Errorf("%s: %+v, want %s", c.rule, got[0], c.want)
		}
	}
}

// TestObservationsAreOfRules: a rule that was renamed would be seen by nobody.
func TestObservationsAreOfRules(t *testing.T) {
	for id := range listObservations() {
		if _, ok := lint.Find(id); !ok {
			t.Errorf("there is no rule %s", id)
		}
	}
}
