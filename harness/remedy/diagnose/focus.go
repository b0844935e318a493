package diagnose

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// MaxServers bounds how many servers are tried at each look.
const MaxServers = 4

// maxFiles bounds how many files are looked for at each look.
const maxFiles = 4

// turnEach is how long the same servers are tried where the app may mean any of many.
const turnEach = 2 * time.Second

// Times of asking the health URL without a symptom.
const (
	askAfterDeath = 10 * time.Second // since a death: who dies may have served
	downPort      = 3 * time.Second  // nobody has served for so long: who has the port?
)

// Focus returns what the facts alone make worth a closer look.
func (c Facts) Focus() observe.Focus {
	var w observe.Focus
	w.Port = slices.ContainsFunc(c.errors, func(e observe.Event) bool { return c.words.SaysPortInUse(e.Text, 0) })
	w.Addresses, w.Files = c.listTryable(), c.listMissing()
	w.Port = w.Port || len(w.Addresses) > 0 || c.isDoubtful() || slices.ContainsFunc(c.ListDesired(), func(r observe.Worker) bool {
		_, said := c.findOnlyError(r)
		return said
	})
	w.Fast = w.Port || len(w.Addresses) > 0 || slices.ContainsFunc(c.ListDesired(), func(r observe.Worker) bool {
		return r.State == "T" || (r.Alive && r.Beats >= observe.MinBeats && c.Now.At-r.Beat > c.stall/2)
	})
	w.Fast = w.Fast || c.Now.Daemon.Error != ""
	since := c.findDownSince()
	w.Words = since >= 0 && c.Now.At-since > downPort
	w.Port = w.Port || w.Words
	if c.isSuspicious() || c.isDoubtful() {
		w.Answers, w.Fast = len(c.Now.Workers), true
	}
	return w
}

// listTryable lists the servers to try to reach: those that workers complain of, as far as
// the app's processes or settings know them, and where a death looks like a server's and
// names none, or nobody has served for a while and workers have died, the app's servers in turn. A log line alone never has the engine connect
// to, or look up, anything.
func (c Facts) listTryable() []string {
	out := slices.DeleteFunc(c.listNeeded(), func(a string) bool {
		_, known := c.Now.FindKnown(a)
		return !known
	})
	vague := slices.ContainsFunc(c.errors, func(e observe.Event) bool { return e.Kind == observe.KindLast && c.isVague(e.Text) }) ||
		slices.ContainsFunc(c.crashes, func(k crash) bool { return c.isVague(k.text) }) ||
		slices.ContainsFunc(c.ListDesired(), func(w observe.Worker) bool {
			e, said := c.findOnlyError(w)
			return said && c.findNotListeningSince() >= 0 && c.isVague(e.Text)
		})
	if since := c.findDownSince(); !vague && (since < 0 || c.Now.At-since <= downPort || len(c.crashes) == 0) {
		return out
	}
	all := c.listCandidates()
	if n := len(all); n > MaxServers {
		first := int(c.Now.At/turnEach) * MaxServers % n
		all = append(slices.Clone(all[first:]), all[:first]...)
	}
	for _, a := range all {
		if !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// isDoubtful reports whether a worker has died lately that has not been seen to serve since:
// whether it can is what the engine should find out.
func (c Facts) isDoubtful() bool {
	return slices.ContainsFunc(c.crashes, func(k crash) bool {
		now := c.lives.now[k.id]
		return k.at >= c.subtractFromNow(askAfterDeath) && (now == nil || !now.came)
	})
}
