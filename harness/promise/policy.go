package promise

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// policyLead is how long before an order PM2 may have decided on it: in cluster mode it
// starts the new process first, and waits for it (listen_timeout).
const policyLead = 20 * time.Second

// findPolicy returns by which policy of its own PM2 gave the order, "" if by none.
func (l pm2Log) findPolicy(r *evidence.Record, o order) string {
	for i := len(l.policies) - 1; i >= 0; i-- {
		p := l.policies[i]
		since := slices.IndexFunc(l.orders, func(x order) bool { return x.id == o.id && x.at >= p.at })
		first := since >= 0 && l.orders[since].at == o.at // a policy explains one order on each worker
		if first && (p.id == o.id || p.id < 0) && o.at-p.at <= policyLead && p.isPlausible(r, o.id) {
			return p.why
		}
	}
	if cron := findCron(r, o); cron != "" {
		return "PM2 itself: cron_restart " + strconv.Quote(cron)
	}
	return ""
}

// isPlausible compares what the log says of a worker's memory with what the kernel said:
// the log comes over a bus to which others may write.
func (p policy) isPlausible(r *evidence.Record, id int) bool {
	if p.limit == 0 {
		return givenAs(r, id, "watch", "true")
	}
	if !givenAs(r, id, "max_memory_restart", strconv.FormatInt(p.limit, 10)) {
		return false
	}
	most, looked := int64(0), false
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if w.ID == id && w.RSS > 0 && s.At <= p.at && s.At >= p.at-memoryLook {
				most, looked = max(most, w.RSS), true
			}
		}
	}
	return !looked || 2*most >= p.limit
}

// memoryLook is how old a look at a worker's memory may be: PM2 looks every 30 s.
const memoryLook = 35 * time.Second

// cronSlack is how late after its second a cron job's order may be read.
const cronSlack = 1500 * time.Millisecond

// findCron returns the ordered worker's cron_restart if it was due at the moment of the
// order, else "". PM2 writes nothing of its own then (lib/Worker.js:48).
func findCron(r *evidence.Record, o order) string {
	if r.Header.Wall.IsZero() {
		return ""
	}
	s, _ := r.SnapshotAt(o.at)
	for _, w := range s.Workers {
		if w.ID != o.id || w.Cron == "" || !givenAs(r, w.ID, "cron_restart", w.Cron) {
			continue
		}
		at := r.Header.Wall.Add(o.at - r.Header.Start)
		for due := at.Truncate(time.Second); at.Sub(due) <= cronSlack; due = due.Add(-time.Second) {
			if isCronDue(w.Cron, due) {
				return w.Cron
			}
		}
	}
	return ""
}

// isCronDue reports whether a cron pattern is due in that second. It reads the fields of
// seconds (0 where the pattern has five fields) and minutes: those of hours and days
// depend on a time zone that is not on record, and change no more than once in a drill.
func isCronDue(pattern string, t time.Time) bool {
	fields := strings.Fields(pattern)
	if len(fields) == 5 {
		fields = append([]string{"0"}, fields...)
	}
	return len(fields) == 6 && matchesCronField(fields[0], t.Second()) && matchesCronField(fields[1], t.Minute())
}

// matchesCronField reports whether a field (*, 5, 1-9, */10, 0-30/5, or a list of these)
// includes n.
func matchesCronField(field string, n int) bool {
	return slices.ContainsFunc(strings.Split(field, ","), func(part string) bool {
		span, step, stepped := strings.Cut(part, "/")
		from, to := 0, 59
		if span != "*" {
			low, high, ranged := strings.Cut(span, "-")
			from = parseWhole(low)
			if to = parseWhole(high); !ranged && stepped {
				to = 59
			} else if !ranged {
				to = from
			}
		}
		every := 1
		if stepped {
			every = max(1, parseWhole(step))
		}
		return n >= from && n <= to && (n-from)%every == 0
	})
}
