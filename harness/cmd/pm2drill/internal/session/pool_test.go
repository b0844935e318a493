package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/scenarios"
)

func takeSeat(t *testing.T, p *pool, weight int) seat {
	t.Helper()
	s, err := p.take(t.Context(), weight)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestPoolFillsTheEmptiest: each drill goes to the host with most free places, a heavy one
// takes no more than its host has, and none goes to a host without room.
func TestPoolFillsTheEmptiest(t *testing.T) {
	a, b := &host{places: 4}, &host{places: 2}
	p := newPool([]*host{a, b}, 1)
	if p.wide() != 6 {
		t.Errorf("%d places, want 6", p.wide())
	}
	var order []*host
	for range 6 {
		order = append(order, takeSeat(t, p, 1).room.host)
	}
	if want := []*host{a, a, a, b, a, b}; !equalHosts(order, want) {
		t.Errorf("the order is not by free places")
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.take(over, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("a full pool: %v", err)
	}
	q := newPool([]*host{a, b}, 1)
	if s := takeSeat(t, q, 3); s.room.host != a || s.n != 3 {
		t.Errorf("a drill of three places has %d", s.n)
	}
	if s := takeSeat(t, q, 3); s.room.host != b || s.n != 2 {
		t.Errorf("a drill of three places has %d of a host of two", s.n)
	}
	if half := newPool([]*host{a, b, {places: 1}}, 2); half.wide() != 4 {
		t.Errorf("half of 4, 2 and 1 places: %d, want 2, 1 and 1", half.wide())
	}
}

func equalHosts(a, b []*host) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}

// TestPoolOfLostHosts: who waits is given the places of the others, and told when there is no
// other.
func TestPoolOfLostHosts(t *testing.T) {
	a, b := &host{places: 1}, &host{places: 1}
	p := newPool([]*host{a, b}, 1)
	on := map[*host]seat{}
	for range 2 {
		s := takeSeat(t, p, 1)
		on[s.room.host] = s
	}
	type answer struct {
		seat
		err error
	}
	got := make(chan answer)
	wait := func() {
		s, err := p.take(t.Context(), 1)
		got <- answer{s, err}
	}
	go wait()
	if !p.lose(on[a], errors.New("a burns")) || p.lose(on[a], errors.New("again")) {
		t.Error("a host is lost once")
	}
	p.release(on[b])
	if s := <-got; s.err != nil || s.room.host != b {
		t.Errorf("who waited has %+v", s)
	}
	go wait()
	p.lose(on[b], errors.New("b drowns"))
	s := <-got
	var none noHostError
	if !errors.As(s.err, &none) || !strings.Contains(s.err.Error(), "a burns; b drowns") {
		t.Errorf("who waited is told %v", s.err)
	}
	if !endsRun(report.Drill{Record: &evidence.Record{Header: evidence.Header{Scenario: "begun"}}}, s.err) {
		t.Error("a run without hosts goes on")
	}
}

// TestLostDrillsGoToOthers runs jobs on three hosts of which one is lost, some of its drills
// begun: each job is drilled once on a host that was not lost, and what had begun is kept.
func TestLostDrillsGoToOthers(t *testing.T) {
	hosts := []*host{{places: 2, boot: &sync.Mutex{}}, {places: 2, boot: &sync.Mutex{}}, {places: 1, boot: &sync.Mutex{}}}
	for _, h := range hosts {
		h.docker = &cluster.Docker{}
	}
	lost := hosts[1]
	s := Session{hosts: hosts, Progress: NewProgress(&strings.Builder{}, &strings.Builder{}, false)}
	var mu sync.Mutex
	done, cut := map[string]int{}, 0
	var jobs []Job
	for i := range 12 {
		name := fmt.Sprint("job", i)
		try := func(_ context.Context, b drill.Bench) (report.Drill, error) {
			mu.Lock()
			defer mu.Unlock()
			d := report.Drill{Scenario: name, Record: &evidence.Record{Header: evidence.Header{Scenario: name}}}
			if b.Docker != lost.docker {
				done[name]++
				return d, nil
			}
			if cut++; cut%2 == 0 { // it had not even begun
				d = report.Drill{}
			}
			return d, cluster.AwayError{Err: io.ErrUnexpectedEOF}
		}
		jobs = append(jobs, Job{Scenario: scenarios.StoppedWorker(), Arm: evidence.ArmEngine, Title: name, Try: try})
	}
	drills, err := s.runPass(t.Context(), jobs, 1)
	if err != nil || cut == 0 {
		t.Fatalf("%v, %d drills cut", err, cut)
	}
	for i := range jobs {
		if name := fmt.Sprint("job", i); done[name] != 1 || drills[i].Scenario != name {
			t.Errorf("%s was drilled %d times, and its place has %q", name, done[name], drills[i].Scenario)
		}
	}
	if len(s.Report.Voids) != (cut+1)/2 || lost.lost == nil {
		t.Errorf("%d void drills of %d that were cut", len(s.Report.Voids), cut)
	}
}
