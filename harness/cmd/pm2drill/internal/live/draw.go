package live

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/pm2drill/pm2drill/harness/report/render"
)

// makeBold returns the text in bold type.
func makeBold(s string) string { return lipgloss.NewStyle().Bold(true).Render(s) }

// makeDim returns the text in faint type.
func makeDim(s string) string { return lipgloss.NewStyle().Faint(true).Render(s) }

// paint returns the text in the colour of a health. It is one of the terminal's own sixteen,
// which its theme fits to a light or a dark background.
func paint(h Health, s string) string {
	colour := lipgloss.Green
	switch h {
	case Doubtful:
		colour = lipgloss.Yellow
	case Bad:
		colour = lipgloss.Red
	}
	return lipgloss.NewStyle().Foreground(colour).Render(s)
}

// mark returns the sign of a health, which tells also without colours.
func mark(h Health) string {
	switch h {
	case Good:
		return "●"
	case Doubtful:
		return "◐"
	}
	return "○"
}

// wide is the number of columns from which logs stand beside load and events.
const wide = 130

// draw returns the screen: m.height lines of at most m.width columns.
func (m model) draw() []string {
	p := m.picture
	lines := []string{makeBold(cut(p.Title, m.width))}
	lines = append(lines, fold([]string{m.describe()}, m.width, 2)...)
	lines = append(lines, fold(p.Notes, m.width, max(1, min(max(4, m.height/6), m.height-16)))...)
	lines = append(lines, m.drawWorkers(max(3, m.height/3))...)
	room := m.height - len(lines) - 2
	switch {
	case m.hints:
		lines = append(lines, pane("commands for another terminal", m.drawHints(m.width), m.width, room+1)...)
	case m.width >= wide:
		lines = append(lines, m.drawBeside(room+1)...)
	default:
		lines = append(lines, m.drawBelow(room+1)...)
	}
	lines = lines[:min(len(lines), max(0, m.height-1))]
	for len(lines) < m.height-1 {
		lines = append(lines, "")
	}
	return append(lines, makeBold(cut(m.listKeys(), m.width)))
}

// describe returns the state, and how the last key's action went.
func (m model) describe() string {
	words := []string{m.picture.State}
	switch {
	case m.busy:
		words = append([]string{"working ..."}, words...)
	case m.said != "":
		words = append([]string{m.said}, words...)
	}
	return strings.Join(words, " · ")
}

// drawBelow returns load, stderr and events in n lines, one below the other.
func (m model) drawBelow(n int) []string {
	lines := m.drawLoad(m.width)
	rest := max(0, n-len(lines))
	lines = append(lines, m.drawStderr(m.width, rest/2)...)
	return append(lines, pane("events", m.picture.News, m.width, rest-rest/2)...)
}

// drawBeside returns the same with stderr, and commands, in a column of its own.
func (m model) drawBeside(n int) []string {
	left := m.width*11/20 - 2
	right := m.width - left - 2
	a := m.drawLoad(left)
	a = append(a, pane("events", m.picture.News, left, n-len(a))...)
	hints := m.drawHints(right)
	b := m.drawStderr(right, max(n-len(hints)-2, n/2))
	b = append(b, pane("commands for another terminal", hints, right, n-len(b))...)
	return strings.Split(lipgloss.JoinHorizontal(lipgloss.Top,
		lipgloss.NewStyle().Width(left+2).Render(strings.Join(a, "\n")), strings.Join(b, "\n")), "\n")
}

// drawWorkers returns a heading and at most n rows, among them the selected one.
func (m model) drawWorkers(n int) []string {
	spark := min(max(0, (m.width-62)/2), 60)
	head := fmt.Sprintf("  %3s %7s  %-10s %5s %-*s %8s %8s %9s %-*s", "id", "pid", "state", "cpu", spark, "", "memory", "restarts", "requests", spark, "")
	lines := []string{"", makeDim(cut(head, m.width))}
	workers := m.picture.Workers
	if m.picture.Down != "" {
		lines = append(lines, paint(Bad, cut(m.picture.Down, m.width)))
	} else if len(workers) == 0 {
		lines = append(lines, "  PM2 lists no worker of the app")
	}
	at := findWorker(workers, m.selected)
	from := min(max(0, at-n+1), max(0, len(workers)-n))
	for i, w := range workers[from:min(len(workers), from+n)] {
		lines = append(lines, drawWorker(w, from+i == at, spark, m.width))
	}
	return lines
}

// drawWorker returns the row of one worker.
func drawWorker(w Worker, selected bool, spark, width int) string {
	point, emphasise, cpu := " ", fmt.Sprint, "-"
	if selected {
		point, emphasise = "▶", func(a ...any) string { return makeBold(fmt.Sprint(a...)) }
	}
	if w.CPU >= 0 {
		cpu = fmt.Sprintf("%.0f %%", w.CPU)
	}
	row := fmt.Sprintf(" %5s %s %4d MiB %8d %9s %s", cpu, drawSparkline(w.CPUs, spark, 100), w.RSS>>20, w.Restarts, w.Rate, drawSparkline(w.Rates, spark, 1))
	return point + paint(w.Health, mark(w.Health)) + emphasise(fmt.Sprintf("%3d %7d", w.ID, w.PID)) + "  " +
		paint(w.Health, fmt.Sprintf("%-10s", cut(w.Word, 10))) + emphasise(cut(row, width-25))
}

// drawLoad returns a row per lane, below a heading; nothing where nobody sends any load.
func (m model) drawLoad(width int) []string {
	if len(m.picture.Load) == 0 {
		return nil
	}
	lines := []string{"", makeDim(cut("load         answers/s  drops/s   slowest    all   dropped", width))}
	for _, l := range m.picture.Load {
		line := cut(fmt.Sprintf("%-12s %9.1f  %7.1f  %8s %6d  %8d", l.Name, l.Answered, l.Dropped, l.Slowest.Round(time.Millisecond), l.All, l.Lost), width)
		if l.Dropped > 0 {
			line = paint(Bad, line)
		}
		lines = append(lines, line)
	}
	return lines
}

// drawStderr returns what the selected worker has written last, in n lines.
func (m model) drawStderr(width, n int) []string {
	workers := m.picture.Workers
	if len(workers) == 0 {
		return nil
	}
	w := workers[findWorker(workers, m.selected)]
	return pane(fmt.Sprintf("stderr of worker %d", w.ID), w.Stderr, width, n)
}

// drawHints returns the commands, each as lines that a shell reads as one.
func (m model) drawHints(width int) []string {
	var lines []string
	for _, h := range m.picture.Hints {
		lines = append(lines, splitCommand(h, width)...)
	}
	return lines
}

// pane returns the last lines below a heading, all in n lines; nothing where there is no
// room for one below the heading.
func pane(name string, text []string, width, n int) []string {
	if n < 3 {
		return nil
	}
	head := cut("── "+name+" "+strings.Repeat("─", max(0, width-len(name)-4)), width)
	lines := []string{"", makeDim(head)}
	for _, line := range text[max(0, len(text)-n+2):] {
		lines = append(lines, cut(line, width))
	}
	return lines
}

// fold returns texts in n lines at most, broken between words.
func fold(texts []string, width, n int) []string {
	var lines []string
	for _, text := range texts {
		lines = append(lines, strings.Split(ansi.Wrap(render.Clean(text), width, ""), "\n")...)
	}
	if len(lines) > n {
		lines = slices.Clone(lines[:n])
		lines[n-1] = cut(lines[n-1], width-2) + " …"
	}
	return lines
}

// cut returns a text in one line of at most so many columns, without control characters.
func cut(text string, width int) string {
	return ansi.Truncate(render.Clean(text), max(0, width), "…")
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
			return append(lines, cut(indent+command, width))
		}
		lines, command = append(lines, indent+command[:at]+on), command[at+1:]
	}
}
