package reporttest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// synth makes plausible evidence: workers that boot, serve, stall and die on a
// schedule, and open-loop lanes served by whoever serves.
type synth struct {
	rec   *evidence.Record
	rng   *rand.Rand
	lives []*synthLife
	end   time.Duration // of the load, since the start
	turn  int
}

// synthLife is one process: it boots, answers from ready on, and is gone at
// gone (0: never). In [stall, resume) it answers nothing.
type synthLife struct {
	id, pid           int
	boot, ready, gone time.Duration
	stall, resume     time.Duration
}

const zeroAt = 5000 * time.Second // Header.Start on the record's clock

func newSynth(scenario, arm string, length time.Duration, rate float64) *synth {
	s := &synth{end: length, rng: rand.New(rand.NewPCG(7, uint64(len(scenario)+len(arm)))), rec: &evidence.Record{}}
	s.rec.Header = evidence.Header{
		Run: "20261101-143210-7f3a", Scenario: scenario, Arm: arm, Seed: 42, Start: zeroAt,
		Wall: time.Date(2026, 11, 1, 14, 32, 18, 0, time.UTC), App: "app", Workers: 4, Port: 3000,
		Engine: "pm2drill engine", PM2: "7.0.4", Node: "26.10.0",
		Lanes: []evidence.LaneSpec{
			{Lane: evidence.LaneShort, Rate: rate, Timeout: 2 * time.Second},
			{Lane: evidence.LaneKeepAlive, Rate: rate, Timeout: 2 * time.Second},
			{Lane: evidence.LaneLong, Rate: rate / 10, Timeout: 6 * time.Second},
			{Lane: evidence.LaneNoise, Rate: rate / 5, Timeout: 2 * time.Second},
		},
	}
	return s
}

// At is a moment, in seconds.
func At(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// addWorker adds a process of worker id.
func (s *synth) addWorker(id, pid int, boot, ready, gone float64) *synthLife {
	l := &synthLife{id: id, pid: pid, boot: At(boot), ready: At(ready), gone: At(gone)}
	s.lives = append(s.lives, l)
	return l
}

func (s *synth) mark(name string, seconds float64, kind, note string, pids ...int) {
	s.rec.Marks = append(s.rec.Marks, evidence.Mark{At: zeroAt + At(seconds), Name: name, Kind: kind, Note: note, PIDs: pids})
}

func (s *synth) claim(seconds float64, kind, cause, action, phase string, id int, raw map[string]any) {
	if raw == nil {
		raw = map[string]any{}
	}
	raw["type"] = kind
	body, err := json.Marshal(raw)
	if err != nil {
		panic(err)
	}
	why, _ := raw["why"].(string)
	s.rec.Claims = append(s.rec.Claims, evidence.Claim{
		At: zeroAt + At(seconds), Type: kind, Cause: cause, Action: action, Phase: phase, ID: id, Why: why, Raw: body,
	})
}

// addAction claims one action from begin to done.
func (s *synth) addAction(from, to float64, action string, id int, why string) {
	s.claim(from, "action", "", action, "begin", id, map[string]any{"why": why})
	s.claim(to, "action", "", action, "done", id, nil)
}

func (s *synth) addEvent(seconds float64, topic, event string, id int, text string) {
	s.rec.Events = append(s.rec.Events, evidence.Event{At: zeroAt + At(seconds), Topic: topic, Event: event, ID: id, Name: "app", Text: text})
}

func (s *synth) addAlert(seconds float64, body map[string]any) {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	s.rec.Alerts = append(s.rec.Alerts, evidence.Alert{At: zeroAt + At(seconds), Body: raw})
}

func (l *synthLife) isServing(t time.Duration) bool {
	return t >= l.ready && (l.gone == 0 || t < l.gone) && (l.stall == 0 || t < l.stall || t >= l.resume)
}

func (l *synthLife) isAlive(t time.Duration) bool { return t >= l.boot && (l.gone == 0 || t < l.gone) }

// finish fills in what follows from the schedule: snapshots, events, exits, requests and
// tallies.
func (s *synth) finish(absent string) *evidence.Record {
	s.observe(absent)
	for _, spec := range s.rec.Header.Lanes {
		s.addTraffic(spec)
	}
	slices.SortStableFunc(s.rec.Marks, func(a, b evidence.Mark) int { return int(a.At - b.At) })
	slices.SortStableFunc(s.rec.Events, func(a, b evidence.Event) int { return int(a.At - b.At) })
	slices.SortStableFunc(s.rec.Exits, func(a, b evidence.Exit) int { return int(a.At - b.At) })
	slices.SortStableFunc(s.rec.Claims, func(a, b evidence.Claim) int { return int(a.At - b.At) })
	return s.rec
}

func (s *synth) observe(absent string) {
	var ids []int
	for _, l := range s.lives {
		if !slices.Contains(ids, l.id) {
			ids = append(ids, l.id)
		}
		s.addEvent(l.boot.Seconds(), "process:event", "online", l.id, "")
		if l.gone > 0 {
			s.addEvent(l.gone.Seconds()+0.004, "process:event", "exit", l.id, "")
			s.rec.Exits = append(s.rec.Exits, evidence.Exit{At: zeroAt + l.gone, PID: l.pid, ID: l.id})
		}
	}
	slices.Sort(ids)
	for t := 500 * time.Millisecond; t < s.end+2*time.Second; t += 500 * time.Millisecond {
		snap := evidence.Snapshot{At: zeroAt + t, Daemon: 31}
		for _, id := range ids {
			w := evidence.Worker{ID: id, Name: "app", Instance: fmt.Sprint(id), Status: absent}
			for _, l := range s.lives {
				if l.id == id && l.isAlive(t) {
					w = evidence.Worker{ID: id, Name: "app", Instance: fmt.Sprint(id), PID: l.pid, Alive: true, Status: "online", State: "S", RSS: 61 << 20}
				}
			}
			snap.Workers = append(snap.Workers, w)
		}
		s.rec.Snapshots = append(s.rec.Snapshots, snap)
	}
}

// addTraffic adds one lane's requests from 6 s on.
func (s *synth) addTraffic(spec evidence.LaneSpec) {
	tally := evidence.Tally{Lane: spec.Lane, Counts: map[evidence.Class]int{}, MaxLag: 3200 * time.Microsecond}
	gap := time.Duration(float64(time.Second) / spec.Rate)
	hung := map[int]bool{}
	for n, t := 0, At(6); t < s.end; n, t = n+1, t+gap {
		q := s.buildRequest(spec, n, t, hung)
		tally.Owed++
		tally.Counts[q.Class]++
		s.rec.Requests = append(s.rec.Requests, q)
	}
	s.rec.Tallies = append(s.rec.Tallies, tally)
}

func (s *synth) buildRequest(spec evidence.LaneSpec, n int, t time.Duration, hung map[int]bool) evidence.Request {
	takes := time.Duration(18+s.rng.IntN(9)) * time.Millisecond
	if spec.Lane == evidence.LaneLong {
		takes = 1500 * time.Millisecond
	}
	q := evidence.Request{
		Lane: spec.Lane, ID: fmt.Sprintf("%s-%d", spec.Lane, n), Due: zeroAt + t, Sent: zeroAt + t + 200*time.Microsecond,
		Conn: n, Reused: spec.Lane == evidence.LaneKeepAlive, Class: evidence.Answered, Status: 200,
	}
	lose := func(after time.Duration, class evidence.Class, phase, detail string, pid int) evidence.Request {
		q.Class, q.Phase, q.Detail, q.Done, q.Status, q.PID = class, phase, detail, q.Due+after, 0, pid
		return q
	}
	if spec.Lane == evidence.LaneNoise {
		q.Done = q.Due + time.Millisecond
		return q
	}
	var able []*synthLife
	for _, l := range s.lives {
		switch {
		case l.isServing(t):
			able = append(able, l)
		case l.isAlive(t) && l.stall > 0 && t >= l.stall && t < l.resume && !hung[l.pid]:
			hung[l.pid] = true // one hand-over hangs, then the worker starves
			return lose(spec.Timeout, evidence.TimedOut, "first-byte", "", l.pid)
		}
	}
	if len(able) == 0 {
		return lose(600*time.Microsecond, evidence.Refused, "dial", "connect: connection refused", 0)
	}
	s.turn++
	l := able[s.turn%len(able)]
	if l.gone > 0 && t+takes > l.gone {
		return lose(l.gone-t, evidence.Reset, "first-byte", "read: connection reset by peer", l.pid)
	}
	if l.stall > 0 && t < l.stall && t+takes > l.stall {
		return lose(spec.Timeout, evidence.TimedOut, "first-byte", "", l.pid)
	}
	q.Done, q.PID = q.Due+takes, l.pid
	return q
}
