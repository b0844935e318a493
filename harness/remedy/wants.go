package remedy

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// Wants says what the next observation must look at beyond PM2's list and
// /proc. A healthy app wants nothing: its sockets and its URL are left alone.
type Wants struct {
	Port      bool     // who listens on the app's port
	Addresses []string // servers to try to reach
	Answers   int      // new connections to the health URL
	Fast      bool     // look again soon: something waits for a change
}

// maxAddresses bounds how many servers are tried at each look.
const maxAddresses = 4

// turnEach is how long the same servers are tried where the app may mean any of many.
const turnEach = 2 * time.Second

// Times of asking the health URL without a symptom.
const (
	askAfterDeath = 10 * time.Second // since a death: who dies may have served
	askUsual      = time.Minute      // while all is well, for how the app answers then
)

// Want derives the next look from what is known. It is a pure function.
func Want(s State, history []Observation, limits Limits) Wants {
	var w Wants
	if len(history) == 0 {
		return w
	}
	c := newCase(history, limits)
	w.Port = slices.ContainsFunc(c.errors, func(e Event) bool { return nodeerr.SaysPortInUse(e.Text, 0) })
	w.Addresses = c.tryable()
	w.Port = w.Port || len(w.Addresses) > 0 || c.doubtful() || slices.ContainsFunc(c.minded(), func(r Worker) bool {
		_, said := c.saidOnce(r)
		return said
	})
	w.Fast = w.Port || len(w.Addresses) > 0 || slices.ContainsFunc(c.minded(), func(r Worker) bool {
		return r.State == "T" || (r.Alive && r.Beats >= minBeats && c.now.At-r.Beat > limits.Stall/2)
	})
	if c.suspects() || c.doubtful() {
		w.Answers, w.Fast = len(c.now.Workers), true
	}
	if len(s.Incidents) == 0 && !c.answeredWithin(askUsual) {
		w.Answers = max(w.Answers, 1)
	}
	for _, in := range s.Incidents {
		w.follow(in, c)
	}
	w.Addresses = w.Addresses[:min(len(w.Addresses), maxAddresses)]
	return w
}

// follow adds what an open incident waits for.
func (w *Wants) follow(in Incident, c casefile) {
	w.Port = w.Port || in.Stage == StageHold && c.now.deserted()
	switch in.Stage {
	case StagePage:
	case StageCanary, StageRest, StageVerify:
		w.Answers = 2 * len(c.now.Workers)
		w.Fast = true
	default:
		w.Fast = true
	}
	switch in.Finding.Cause {
	case engine.PortForeign, engine.PortSibling:
		w.Port = true
	case engine.DependencyOutage, engine.RejectedBoot:
		if len(in.Finding.PIDs) == 0 && in.Finding.Cause == engine.RejectedBoot {
			break // its subject is no address
		}
		if _, known := c.now.known(in.Finding.Subject); known {
			w.Addresses = slices.DeleteFunc(w.Addresses, func(a string) bool { return a == in.Finding.Subject })
			w.Addresses = slices.Insert(w.Addresses, 0, in.Finding.Subject)
		}
	}
}

// tryable lists the servers to try to reach: those that workers complain of, as far as
// the app's processes or settings know them, and where a death looks like a server's and
// names none, the app's servers in turn. A log line alone never has the engine connect
// to, or look up, anything.
func (c casefile) tryable() []string {
	out := slices.DeleteFunc(c.needed(), func(a string) bool {
		_, known := c.now.known(a)
		return !known
	})
	vague := slices.ContainsFunc(c.errors, func(e Event) bool { return e.Kind == KindLast && c.vague(e.Text) }) ||
		slices.ContainsFunc(c.crashes, func(k crash) bool { return c.vague(k.text) }) ||
		slices.ContainsFunc(c.minded(), func(w Worker) bool {
			e, said := c.saidOnce(w)
			return said && c.deafSince() >= 0 && c.vague(e.Text)
		})
	if !vague {
		return out
	}
	all := c.candidates()
	if n := len(all); n > maxAddresses {
		first := int(c.now.At/turnEach) * maxAddresses % n
		all = append(slices.Clone(all[first:]), all[:first]...)
	}
	for _, a := range all {
		if !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// doubtful reports whether a worker has died lately that has not been seen to serve since:
// whether it can is what the engine should find out.
func (c casefile) doubtful() bool {
	return slices.ContainsFunc(c.crashes, func(k crash) bool {
		now := c.lives.now[k.id]
		return k.at >= c.ago(askAfterDeath) && (now == nil || !now.came)
	})
}

// answeredWithin reports whether the health URL was asked in the last d, or as long ago
// as anybody remembers.
func (c casefile) answeredWithin(d time.Duration) bool {
	return slices.ContainsFunc(c.history, func(o Observation) bool { return o.At > c.ago(d) && len(o.Answers) > 0 })
}

// beyond reports whether w asks for something that was did not: then the next
// look is due at once.
func (w Wants) beyond(was Wants) bool {
	return w.Port && !was.Port || w.Answers > 0 && was.Answers == 0 ||
		slices.ContainsFunc(w.Addresses, func(a string) bool { return !slices.Contains(was.Addresses, a) })
}

// Times between two looks when no event comes.
const (
	slowLook = time.Second
	fastLook = 200 * time.Millisecond
)

// pause is the time to the next look, the n-th. Fast looks come at uneven times,
// by multiples of the golden ratio: a worker that computes for 200 ms in every 250
// looks idle to whoever comes by each second on the dot.
func (w Wants) pause(n int) time.Duration {
	if w.Fast {
		return fastLook*3/4 + fastLook/2*time.Duration(n*n*618%1000)/1000
	}
	return slowLook
}
