package diagnose

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Limits of the symptoms that the health URL shows.
const (
	lately       = 7 * time.Second  // what was seen of the service before says nothing of it now
	failSpan     = 20 * time.Second // over which failing answers are counted
	failLeast    = 3                // times that one fails after one that did not, and one in failShare of all
	failShare    = 5
	slowSpan     = 15 * time.Second // over which slow answers are
	slowLeast    = 3                // answers, of which the median is slow
	slowAtLeast  = time.Second      // and slowFactor times what is usual
	slowFactor   = 4
	slowUnknown  = 3 * time.Second // where nobody knows what is usual
	tellStatuses = 3               // different failures are told
)

// findOutage finds that nobody serves.
func findOutage(c Facts) (Diagnosis, bool) {
	since := c.findDownSince()
	wanted := c.ListDesired()
	if since < 0 || len(wanted) == 0 {
		return Diagnosis{}, false
	}
	name := engine.NoService
	answered := slices.ContainsFunc(c.listChecks(since), func(k observe.Answer) bool { return k.Status > 0 })
	switch alive := c.countLiving(); {
	case c.Now.Usual.Status == 0 && c.isAsked() && alive > 0 && !c.hasEverServed():
		name = engine.NeverServed
	case answered && alive > 0:
		name = engine.HealthFailing
	}
	seen := []engine.Fact{{Source: "rpc", Text: fmt.Sprintf("nobody has served for %s: %s", (c.Now.At - since).Round(time.Second), c.countStates())}}
	if fact, ok := c.describeChecks(since); ok {
		seen = append(seen, fact)
	}
	if c.Now.Port != nil {
		seen = append(seen, c.describePort())
	}
	for _, address := range c.listAway() {
		failed, _ := findUnanswered(c, address)
		seen = append(seen, engine.Fact{Source: "probe", Text: fmt.Sprintf(
			"the engine cannot reach %s, a server that the app's connections or settings know: %s; nothing proves that the workers die of it", address, failed.Error)})
	}
	if len(c.Now.Others) > 0 {
		seen = append(seen, engine.Fact{Source: "sockets", Text: fmt.Sprintf(
			"nobody listens on the port of the health URL; PM2 and its workers listen on %s", strings.Join(c.Now.Others, ", "))})
	}
	_, waits, starved := c.listStarved(c.subtractFromNow(starveSpan), starveShare)
	f := c.buildSymptom(name, Total, since, listIDs(wanted), append(seen, waits...)...)
	if starved {
		f.Human = giveCores
	}
	if name == engine.NeverServed {
		f.Human = "the health URL has not answered well since the engine began: correct the URL if the app is well; else " + f.Human
	}
	return f, true
}

// isAsked reports whether the health URL is asked at regular times.
func (c Facts) isAsked() bool {
	return c.latest.checked >= c.history[0].At
}

// hasEverServed reports whether a worker is remembered to have served.
func (c Facts) hasEverServed() bool { return c.latest.served >= c.history[0].At }

// listIDs lists the ids of workers.
func listIDs(workers []observe.Worker) []int {
	var ids []int
	for _, w := range workers {
		ids = append(ids, w.ID)
	}
	return ids
}

// countStates says how many of the wanted workers are in what state.
func (c Facts) countStates() string {
	count := map[string]int{}
	var order []string
	for _, w := range c.ListDesired() {
		s := c.formatState(w)
		if count[s] == 0 {
			order = append(order, s)
		}
		count[s]++
	}
	var parts []string
	for _, s := range order {
		parts = append(parts, fmt.Sprintf("%d %s", count[s], s))
	}
	return "by PM2 and the kernel, of its workers " + strings.Join(parts, ", ")
}

// describePort says who listens on the app's port.
func (c Facts) describePort() engine.Fact {
	if len(c.Now.Port.Listeners) == 0 {
		return engine.Fact{Source: "sockets", Text: fmt.Sprintf("nobody listens on port %d", c.Now.Port.Number)}
	}
	l := c.Now.Port.Listeners[0]
	text := fmt.Sprintf("on port %d listens %s", c.Now.Port.Number, describeListener(l))
	if l.State == "T" || l.State == "t" {
		text += fmt.Sprintf(", which is stopped (state %s) and answers nobody: kill -CONT %d makes it go on", l.State, l.PID)
	}
	return engine.Fact{Source: "sockets", Text: text}
}

// listChecks returns the checks of the health URL since t, in the order of their ends.
func (c Facts) listChecks(t time.Duration) []observe.Answer {
	var out []observe.Answer
	for _, a := range c.checks.all {
		if a.At >= t {
			out = append(out, a)
		}
	}
	return out
}

// sortChecks returns all checks of the health URL, in the order of their beginnings.
func (c Facts) sortChecks() []observe.Answer {
	earlier := func(a, b observe.Answer) int { return cmp.Compare(a.At, b.At) }
	if slices.IsSortedFunc(c.checks.all, earlier) {
		return c.checks.all
	}
	all := slices.Clone(c.checks.all)
	slices.SortStableFunc(all, earlier)
	return all
}

// describeChecks says how the health URL has failed since t.
func (c Facts) describeChecks(t time.Duration) (engine.Fact, bool) {
	count := map[failure]int{}
	var order []failure
	failed, asked := 0, 0
	for _, a := range c.checks.all {
		if a.At < t {
			continue
		}
		asked++
		if a.IsUsual(c.Now.Usual.Status / 100) {
			continue
		}
		failed++
		one := buildFailure(a)
		if count[one] == 0 {
			order = append(order, one)
		}
		count[one]++
	}
	if failed == 0 {
		return engine.Fact{}, false
	}
	var parts []string
	for _, one := range order[:min(len(order), tellStatuses)] {
		parts = append(parts, fmt.Sprintf("%s %s", formatCount(count[one], "time"), one))
	}
	text := fmt.Sprintf("the health URL failed at %d of %d questions: %s", failed, asked, strings.Join(parts, ", "))
	if s := c.Now.Usual.Status; s > 0 {
		text += fmt.Sprintf("; it used to answer %d", s)
	}
	return engine.Fact{Source: "probe", Text: text}, true
}

// failure is how an answer of the health URL failed.
type failure struct {
	status, pid int
	why         string
}

// buildFailure returns how an answer failed.
func buildFailure(a observe.Answer) failure {
	if a.Status == 0 {
		return failure{0, a.PID, a.Error}
	}
	return failure{a.Status, a.PID, ""}
}

// String puts a failure into words.
func (f failure) String() string {
	text := fmt.Sprintf("status %d", f.status)
	if f.status == 0 {
		text = f.why
	}
	if f.pid > 0 {
		text += fmt.Sprintf(" of pid %d", f.pid)
	}
	return text
}

// findFailing finds that some of the answers fail, and others do not. Failures in a row are
// counted once: an outage is findOutage's, also when it is over.
func findFailing(c Facts) (Diagnosis, bool) {
	bad := func(a observe.Answer) bool { return !a.IsUsual(c.Now.Usual.Status / 100) }
	checks := c.sortChecks()
	runs, failed, asked, since := 0, 0, 0, c.Now.At
	var ids []int
	for i, a := range slices.Backward(checks) {
		if bad(a) && since-a.At <= lately {
			since = a.At
		}
		if a.At < c.subtractFromNow(failSpan) {
			continue
		}
		asked++
		if !bad(a) {
			continue
		}
		failed++
		if i > 0 && !bad(checks[i-1]) {
			runs++
		}
		if w := slices.IndexFunc(c.Now.Workers, func(w observe.Worker) bool { return w.PID == a.PID && a.PID > 0 }); w >= 0 && !slices.Contains(ids, c.Now.Workers[w].ID) {
			ids = append(ids, c.Now.Workers[w].ID)
		}
	}
	if runs < failLeast || failShare*failed < asked || since == c.Now.At || len(c.ListDesired()) == 0 {
		return Diagnosis{}, false
	}
	slices.Sort(ids)
	fact, _ := c.describeChecks(since)
	return c.buildSymptom(engine.HealthFailing, Degraded, since, ids, fact), true
}

// findSlow finds that the health URL answers far later than usual, if it does.
func findSlow(c Facts) (Diagnosis, bool) {
	limit := slowUnknown
	if c.Now.Usual.Took > 0 {
		limit = max(slowAtLeast, slowFactor*c.Now.Usual.Took)
	}
	slow := func(a observe.Answer) bool { return a.Took > limit && a.Status > 0 }
	checks := c.sortChecks()
	first := sort.Search(len(checks), func(i int) bool { return checks[i].At >= c.subtractFromNow(slowSpan) })
	recent := checks[first:]
	if len(recent) < slowLeast || !slices.ContainsFunc(recent, slow) {
		return Diagnosis{}, false
	}
	took := make([]time.Duration, len(recent))
	for i, a := range recent {
		took[i] = a.Took
	}
	slices.Sort(took)
	median := took[len(took)/2]
	if median <= limit {
		return Diagnosis{}, false
	}
	since := c.Now.At
	for _, a := range slices.Backward(checks) {
		if !slow(a) {
			break
		}
		since = a.At
	}
	return c.buildSymptom(engine.HealthSlow, Degraded, since, nil, engine.Fact{Source: "probe", Text: fmt.Sprintf(
		"the health URL takes %s to answer, the median of %d questions; %s was usual", median.Round(time.Millisecond), len(recent), c.Now.Usual.Took.Round(time.Millisecond))}), true
}
