package render

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Live is what a terminal shows of a drill that somebody watches.
type Live struct {
	Title  string   // the scenario's name, and on what it runs
	State  string   // what is under way, and of the engine
	Notes  []string // what there is to know besides, in whole sentences
	Hints  []string // commands to paste, most useful first
	Keys   string   // what keys do; "" where none are read
	Width  int
	Height int
	Colour bool
}

// lately is what a rate is taken over.
const lately = 3 * time.Second

// Frame draws the record as it stands at now, as lines that fit.
func (l Live) Frame(r *evidence.Record, now time.Duration) []string {
	p := Paint{l.Colour}
	figures := append(l.formatWorkers(p, r, now), "")
	figures = append(figures, l.formatLanes(p, r, now)...)
	top := []string{p.makeBold(cutToWidth(l.Title, l.Width)), cutToWidth(l.State, l.Width)}
	top = append(top, l.formatNotes(min(l.Height-len(top)-len(figures)-3, max(4, l.Height/6)))...)
	top = append(append(top, ""), figures...)
	var bottom []string
	for _, h := range l.Hints {
		bottom = append(bottom, splitCommand(h, l.Width)...)
	}
	if l.Keys != "" {
		bottom = append(bottom, p.makeBold(cutToWidth(l.Keys, l.Width)))
	}
	// The hints give way to the news, and the news to the figures.
	room := l.Height - len(top) - 1
	for len(bottom) > 1 && room-len(bottom) < 3 {
		bottom = bottom[1:]
	}
	if n := room - len(bottom); n > 0 {
		top = append(top, "")
		top = append(top, l.formatNews(p, r, n-1)...)
	}
	for len(top)+len(bottom) < l.Height {
		top = append(top, "")
	}
	return append(top, bottom...)
}

// formatNotes returns the notes in n lines at most.
func (l Live) formatNotes(n int) []string {
	var lines []string
	for _, note := range l.Notes {
		lines = append(lines, Folded(Clean(note), l.Width)...)
	}
	if n = max(0, n); len(lines) > n {
		lines = lines[:n]
		if n > 0 {
			lines[n-1] = cutToWidth(lines[n-1], l.Width-2) + " …"
		}
	}
	return lines
}

// formatWorkers returns a line per row of PM2's list, below a heading.
func (l Live) formatWorkers(p Paint, r *evidence.Record, now time.Duration) []string {
	lines := []string{p.makeDim(cutToWidth("  id     pid  status           restarts   memory  answers/s", l.Width))}
	s, ok := r.SnapshotAt(now)
	if !ok {
		return append(lines, "  PM2 has not been seen yet")
	}
	answers := map[int]int{}
	for i := len(r.Requests) - 1; i >= 0 && r.Requests[i].Done > now-lately-5*time.Second; i-- {
		if q := &r.Requests[i]; q.Done > now-lately && q.Class == evidence.Answered && q.Lane != evidence.LaneNoise {
			answers[q.PID]++
		}
	}
	for _, w := range s.Workers {
		rate := float64(answers[w.PID]) / lately.Seconds()
		mark, code := "●", "32"
		switch {
		case !w.Alive:
			mark, code = "○", "31"
		case rate == 0:
			code = "33"
		}
		line := fmt.Sprintf(" %2d %7d  %-15s %9d  %4d MiB  %9.1f", w.ID, w.PID, w.Status, w.Restarts, w.RSS>>20, rate)
		lines = append(lines, p.applySGR(code, mark)+cutToWidth(line, l.Width-1))
	}
	if s.Daemon == 0 {
		lines = append(lines, p.applySGR("31", "PM2's daemon does not answer"))
	}
	return lines
}

// formatLanes returns a line per lane of the load, below a heading.
func (l Live) formatLanes(p Paint, r *evidence.Record, now time.Duration) []string {
	lines := []string{p.makeDim(cutToWidth("load         answers/s  drops/s   slowest    all   dropped", l.Width))}
	for _, lane := range r.Header.Lanes {
		var answered, dropped, all, lost int
		var slowest time.Duration
		for i := range r.Requests {
			q := &r.Requests[i]
			if q.Lane != lane.Lane {
				continue
			}
			all++
			late := q.Done > now-lately
			switch {
			case q.Class.Dropped():
				lost++
				if late {
					dropped++
				}
			case late && q.Class == evidence.Answered:
				answered++
				slowest = max(slowest, q.Done-q.Due)
			}
		}
		line := fmt.Sprintf("%-12s %9.1f  %7.1f  %8s %6d  %8d", lane.Lane, float64(answered)/lately.Seconds(), float64(dropped)/lately.Seconds(),
			slowest.Round(time.Millisecond), all, lost)
		line = cutToWidth(line, l.Width)
		if dropped > 0 {
			line = p.applySGR("31", line)
		}
		lines = append(lines, line)
	}
	return lines
}

// formatNews returns n lines of what PM2, the engine and the drill have said last.
func (l Live) formatNews(p Paint, r *evidence.Record, n int) []string {
	type item struct {
		at   time.Duration
		text string
	}
	var all []item
	for _, e := range r.Events {
		text := strings.TrimSpace(e.Text)
		if text == "" {
			text = e.Event
		}
		if text != "" {
			all = append(all, item{e.At, fmt.Sprintf("%s %s", describeSource(e), text)})
		}
	}
	for _, c := range r.Claims {
		words := strings.Join([]string{"engine", c.Type, c.Cause, c.Action, c.Phase, c.Why}, " ")
		all = append(all, item{c.At, strings.Join(strings.Fields(words), " ")}) // most are empty
	}
	for _, m := range r.Marks {
		all = append(all, item{m.At, strings.TrimSpace("drill " + m.Name + " " + m.Note)})
	}
	slices.SortStableFunc(all, func(a, b item) int { return int(a.at - b.at) })
	all = slices.CompactFunc(all, func(a, b item) bool { return a.text == b.text }) // PM2 tells of an exception twice
	var lines []string
	for _, x := range all[max(0, len(all)-max(0, n)):] {
		text, _, _ := strings.Cut(x.text, "\n")
		lines = append(lines, cutToWidth(fmt.Sprintf("%7.1f s  %s", (x.at-r.Header.Start).Seconds(), Clean(text)), l.Width))
	}
	return lines
}

func describeSource(e evidence.Event) string {
	if e.Topic == "log:PM2" || e.ID < 0 {
		return "PM2"
	}
	return fmt.Sprintf("worker %d", e.ID)
}

// cutToWidth returns the text in at most so many columns.
func cutToWidth(text string, width int) string {
	if r := []rune(text); len(r) > width && width > 0 {
		return string(r[:width-1]) + "…"
	}
	return text
}

// splitCommand divides a command into lines of so many columns that a shell reads as one:
// they are broken between words, and not within quotes. What cannot be broken is cut.
func splitCommand(command string, width int) []string {
	const on = " \\"
	var lines []string
	for indent := ""; ; indent = "  " {
		at := 0
		for i, c := range command {
			if c == ' ' && i <= width-len(indent)-len(on) && strings.Count(command[:i], "'")%2 == 0 {
				at = i
			}
		}
		if at == 0 || utf8.RuneCountInString(indent+command) <= width {
			return append(lines, cutToWidth(indent+command, width))
		}
		lines, command = append(lines, indent+command[:at]+on), command[at+1:]
	}
}

// Folded is a text in lines of so many columns at most, broken between words; a word that
// is longer is cut.
func Folded(text string, width int) []string {
	lines := Fold(text, width)
	for i := range lines {
		lines[i] = cutToWidth(lines[i], width)
	}
	return lines
}
