package alert

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// slot is a target that hands over what it is given, and waits until that is taken.
type slot struct {
	name   string
	repeat time.Duration
	taken  chan string
}

func (s *slot) Name() string          { return s.name }
func (s *slot) Repeat() time.Duration { return s.repeat }

func (s *slot) Deliver(ctx context.Context, a engine.Alert) (bool, error) {
	select {
	case s.taken <- a.Status + " " + a.Dedupe:
		return false, nil
	case <-ctx.Done():
		return false, errors.New("nobody takes it")
	}
}

// TestRepeats: a target that forgets is told again while an incident is open, and not after.
func TestRepeats(t *testing.T) {
	s := &slot{repeat: time.Minute, taken: make(chan string, 9)}
	p := newPoster(s, func(err error) { t.Error(err) })
	step := func(at time.Time) string {
		x, _, _ := p.takeNext(at)
		if x == nil {
			return ""
		}
		p.try(t.Context(), x)
		return <-s.taken
	}
	p.send(firing("a"))
	now, later := time.Now(), time.Now().Add(2*time.Minute)
	for i, c := range []struct {
		at   time.Time
		want string
	}{{now, "firing a"}, {now, ""}, {later, "firing a"}, {now, ""}} {
		if got := step(c.at); got != c.want {
			t.Errorf("step %d: %q, want %q", i, got, c.want)
		}
	}
	if p.count() != 0 {
		t.Errorf("%d wait, and all is told", p.count())
	}
	p.send(firing("a")) // it says more
	if got := step(time.Now()); got != "firing a" {
		t.Errorf("a newer one waits for the next repetition: %q", got)
	}
	p.send(resolved("a"))
	if got := step(time.Now()); got != "resolved a" {
		t.Errorf("%q, want the end", got)
	}
	if got := step(later); got != "" {
		t.Errorf("%q is told of an incident that is over", got)
	}
	p.send(firing("c"))
	x, _, _ := p.takeNext(time.Now())
	p.send(resolved("c")) // while the other is under way
	p.try(t.Context(), x)
	if got := []string{<-s.taken, step(time.Now()), step(later)}; !slices.Equal(got, []string{"firing c", "resolved c", ""}) {
		t.Errorf("of an incident that ends while its beginning is told: %q", got)
	}
	p.send(firing("b"))
	step(time.Now())
	p.end()
	if _, _, over := p.takeNext(later); !over {
		t.Error("what was told keeps the engine from ending")
	}
}

// TestRepetitionsMakeRoom: one that is told already is given up first.
func TestRepetitionsMakeRoom(t *testing.T) {
	s := &slot{repeat: time.Minute, taken: make(chan string, 1)}
	p := newPoster(s, func(err error) { t.Error(err) })
	p.send(firing("told"))
	x, _, _ := p.takeNext(time.Now())
	p.try(t.Context(), x)
	for i := range maxQueue {
		p.send(firing(string(rune('A' + i))))
	}
	if p.count() != maxQueue || len(p.waiting) != maxQueue {
		t.Errorf("%d of %d wait to be told", p.count(), len(p.waiting))
	}
}

// TestTargetsDoNotWait: one that takes nothing holds up no other, and not the engine; what
// waits for one that is given up is delivered still.
func TestTargetsDoNotWait(t *testing.T) {
	stuck, quick, next := &slot{name: "stuck", taken: make(chan string)}, &slot{name: "quick", taken: make(chan string, 9)}, &slot{name: "next", taken: make(chan string, 9)}
	k := NewDesk(Sender{App: "web"}, []Target{stuck, quick}, new(redact.Redactor), func(error) {})
	var seen []string
	k.Seen = func(a engine.Alert) { seen = append(seen, a.Status) }
	k.Publish([]observe.Observation{{}}, nil)
	in := Incident{Diagnosis: diagnose.Diagnosis{Cause: engine.BootCrash, Subject: "x"}}
	end := k.Open(t.Context())
	k.Send(engine.StatusFiring, in)
	key := k.Key(engine.BootCrash, "x")
	if got := <-quick.taken; got != "firing "+key {
		t.Errorf("quick got %q", got)
	}
	if k.Waiting()["stuck"] != 1 {
		t.Errorf("%v wait", k.Waiting())
	}
	k.Retarget([]Target{quick, next})
	k.Send(engine.StatusResolved, in)
	for _, s := range []*slot{quick, next} {
		if got := <-s.taken; got != "resolved "+key {
			t.Errorf("%s got %q", s.name, got)
		}
	}
	if got := <-stuck.taken; got != "firing "+key {
		t.Errorf("what waited for a target that is given up is lost: %q", got)
	}
	end()
	if !slices.Equal(seen, []string{"firing", "resolved"}) {
		t.Errorf("seen %q", seen)
	}
}
