package diagnose

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// listComplaintsOf lists the texts of one worker for which match holds, of all that is
// remembered.
func (c Facts) listComplaintsOf(id int, match func(text string) bool) []observe.Event {
	return c.listComplaints(c.subtractFromNow(memory), match)[id]
}

// findLatestError returns the latest error for which match holds, of all that is remembered.
func (c Facts) findLatestError(match func(observe.Event) bool) observe.Event {
	for _, e := range slices.Backward(c.errors) {
		if match(e) {
			return e
		}
	}
	return observe.Event{}
}

// listComplaints returns the error texts since t for which match holds, by worker.
func (c Facts) listComplaints(t time.Duration, match func(text string) bool) map[int][]observe.Event {
	out := map[int][]observe.Event{}
	for _, e := range c.errors {
		if e.At >= t && match(e.Text) {
			out[e.ID] = append(out[e.ID], e)
		}
	}
	return out
}

// findServers lists the servers that an error text says could not be reached, each as the
// known server that is meant by it, if there is one.
func (c Facts) findServers(text string) []string {
	found, read := c.servers[text]
	if !read {
		for _, named := range c.words.Read(text).Servers {
			a, _ := c.Now.FindKnown(named)
			found = append(found, a)
		}
		if len(found) == 0 {
			// Looked for first: it costs a hundredth of what outside does.
			if found = c.Now.ListMentioned(text); len(found) > 0 && !c.words.LooksOutside(text) {
				found = nil
			}
		}
		c.servers[text] = found
	}
	return found
}

// findSource returns where a text was seen, as evidence has it.
func (c Facts) findSource(text string) string {
	for _, e := range slices.Backward(c.errors) {
		if e.Text == text {
			return e.Source()
		}
	}
	return "bus"
}

// normalise does nodeerr.Normalise of a text that has been read before, as a rule.
func (c Facts) normalise(text string) string { return c.words.Normalise(text) }

// isVague reports whether an error text looks as if a server were away, and names none. One that
// refuses a password is there.
func (c Facts) isVague(text string) bool {
	return c.words.Read(text).Class.IsOutage() && len(c.findServers(text)) == 0
}

// findFinalError returns the last words of the worker among these that has died last.
func (c Facts) findFinalError(ids []int) observe.Event {
	var final observe.Event
	for _, k := range c.crashes {
		if slices.Contains(ids, k.id) && k.at >= final.At {
			final = observe.Event{At: k.at, Kind: observe.KindError, ID: k.id, Text: k.text}
		}
	}
	for _, e := range c.errors {
		if final.At == 0 && e.Kind == observe.KindLast && slices.Contains(ids, e.ID) {
			final = e
		}
	}
	return final
}

// listNeeded lists the servers that workers complained about, the most complained
// about first.
func (c Facts) listNeeded() []string {
	if c.needed != nil || len(c.errors) == 0 {
		return slices.Clone(c.needed)
	}
	count := map[string]int{}
	for _, e := range c.errors {
		for _, a := range c.findServers(e.Text) {
			if !observe.IsOwnPort(a, c.port) {
				count[a]++
			}
		}
	}
	out := make([]string, 0, len(count))
	for a := range count {
		out = append(out, a)
	}
	sort.Slice(out, func(i, j int) bool {
		if count[out[i]] != count[out[j]] {
			return count[out[i]] > count[out[j]]
		}
		return out[i] < out[j]
	})
	c.needed = out
	return slices.Clone(out)
}

// findOnlyError returns the error that a worker's process uttered once since its start.
func (c Facts) findOnlyError(w observe.Worker) (observe.Event, bool) {
	words := c.listErrors(w)
	if len(words) == 0 || hasRetried(words) {
		return observe.Event{}, false
	}
	return words[len(words)-1], true
}

// listErrors lists the errors that a worker's process has uttered since its start: by
// PM2's word (pm_uptime), or earlier if it was seen before. On a busy host it is
// seen late.
func (c Facts) listErrors(w observe.Worker) []observe.Event {
	since := w.Since - startSeen
	if w.Uptime > 0 {
		since = min(since, c.Now.At-w.Uptime)
	}
	var words []observe.Event
	for _, e := range c.errors {
		if e.ID == w.ID && e.At >= since && c.words.NamesError(e.Text) {
			words = append(words, e)
		}
	}
	return words
}

// hasRetried reports whether an error has come again after the first burst of it.
func hasRetried(words []observe.Event) bool { return words[len(words)-1].At-words[0].At > burst }

// formatCount says how many there are of a noun: "1 restart", "2 restarts", "2
// processes".
func formatCount(n int, noun string) string {
	switch {
	case n != 1 && strings.HasSuffix(noun, "s"):
		noun += "es"
	case n != 1:
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// SpellSpan writes a time span without the parts that are zero: 1m and 1h, where Go has 1m0s and
// 1h0m0s.
func SpellSpan(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
