package field

import (
	"fmt"
	"strings"
	"time"
)

// answers: some answer from a time on has this text, as that of PM2 alone need not.
func answers(text string, from time.Duration) Rule {
	return Rule{"it answers " + text, func(_, with *Record) string {
		seen := map[string]int{}
		for _, q := range with.Requests {
			if q.Due >= from && q.OK() {
				seen[strings.TrimSpace(q.Body)]++
			}
		}
		if seen[text] > 0 {
			return ""
		}
		return fmt.Sprintf("answers from %.0f s on: %v", from.Seconds(), seen)
	}}
}

// workers: the engine leaves as many workers of an app, all online.
func workers(app string, want int) Rule {
	return Rule{fmt.Sprintf("%d workers of %s are online at the end", want, app), func(_, with *Record) string {
		if n := with.Online(app); n != want {
			return fmt.Sprintf("%d are", n)
		}
		return ""
	}}
}

// rolled: every worker of the app has another process at the end than at the beginning.
func rolled(app string, want int) Rule {
	return Rule{"every worker has a new process", func(_, with *Record) string {
		before, after := map[int]bool{}, 0
		for i, l := range with.Lists {
			for _, w := range l.Workers {
				if w.App != app || w.PID == 0 {
					continue
				}
				if i == 0 {
					before[w.PID] = true
				} else if i == len(with.Lists)-1 && !before[w.PID] && w.Status == "online" {
					after++
				}
			}
		}
		if after < want {
			return fmt.Sprintf("%d of %d have", after, want)
		}
		return ""
	}}
}

// uniqueNumbers: no two workers of the app have one NODE_APP_INSTANCE at the end.
func uniqueNumbers(app string) Rule {
	return Rule{"each number is unique", func(_, with *Record) string {
		seen := map[string]int{}
		for _, w := range with.Lists[len(with.Lists)-1].Workers {
			if w.App == app {
				seen[w.Instance]++
			}
		}
		for _, n := range seen {
			if n > 1 {
				return fmt.Sprintf("workers by number: %v", seen)
			}
		}
		return ""
	}}
}

// untouched: no process of that namespace has ended.
func untouched(namespace string) Rule {
	return Rule{"the apps of " + namespace + " are left alone", func(_, with *Record) string {
		pids := map[int]int{}
		for _, l := range with.Lists {
			for _, w := range l.Workers {
				if w.Namespace != namespace {
					continue
				}
				if before, ok := pids[w.ID]; ok && before != w.PID {
					return fmt.Sprintf("worker %d had process %d and has %d", w.ID, before, w.PID)
				}
				pids[w.ID] = w.PID
			}
		}
		return ""
	}}
}

// uncut: no request that was held open was cut, and some were open.
func uncut() Rule {
	return Rule{"no open request is cut", func(_, with *Record) string {
		if with.Streams.Cut > 0 || with.Streams.Opened == 0 {
			return fmt.Sprintf("%d of %d were", with.Streams.Cut, with.Streams.Opened)
		}
		return ""
	}}
}
