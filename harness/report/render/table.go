package render

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Table is a section of figures as a terminal, Markdown and the page show it.
type Table struct {
	ID      string // anchor on the page
	Title   string
	Columns []Column
	Rows    [][]Cell
	Notes   []Cell // sentences below it
}

// Column is a head. Neighbours of one group share a line above their names.
type Column struct {
	Group, Name string
	Left        bool // words, which align left; figures align right
}

// Cell is a figure or a sentence. What a tone says, the text says too: nothing
// is told by colour alone.
type Cell struct {
	Text string
	Tone Tone
	Hint string // what a pointer resting on it reads, for the page
	Link string // anchor on the page, in a row's first cell
}

// Tone is how a cell stands out.
type Tone string

const (
	PlainTone  Tone = ""
	SoftTone   Tone = "soft"
	GoodTone   Tone = "good"
	BadTone    Tone = "bad"
	UnsureTone Tone = "unsure"
)

// TextCell returns a cell without a tone.
func TextCell(text string) Cell { return Cell{Text: text} }

// Groups lists the heads' upper line for the page: names with their spans.
func (t Table) Groups() []struct {
	Name string
	Span int
} {
	var out []struct {
		Name string
		Span int
	}
	for i, c := range t.Columns {
		if i > 0 && c.Group != "" && c.Group == t.Columns[i-1].Group {
			out[len(out)-1].Span++
			continue
		}
		out = append(out, struct {
			Name string
			Span int
		}{c.Group, 1})
	}
	return out
}

// Left reports whether column i holds words.
func (t Table) Left(i int) bool { return t.Columns[i].Left }

// Edge reports whether column i begins a group, or follows one.
func (t Table) Edge(i int) bool {
	return i > 0 && t.Columns[i].Group != t.Columns[i-1].Group
}

// Text writes the table for a terminal. Its title heads the first column.
func (t Table) Text(b *strings.Builder, p Paint) {
	if len(t.Rows) == 0 {
		return
	}
	widths := make([]int, len(t.Columns))
	for i, c := range t.Columns {
		name := c.Name
		if i == 0 {
			name = t.Title
		}
		widths[i] = utf8.RuneCountInString(name)
		for _, row := range t.Rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i].Text))
		}
	}
	t.widen(widths)
	b.WriteString("\n")
	if line := t.formatGroups(widths); line != "" {
		fmt.Fprintf(b, "%s\n", p.makeDim(line))
	}
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = pad(c.Name, widths[i], c.Left)
	}
	names[0] = pad(t.Title, widths[0], true)
	fmt.Fprintf(b, "%s%s\n", p.makeBold(names[0]), p.makeDim(strings.TrimRight("  "+strings.Join(names[1:], "  "), " ")))
	for _, row := range t.Rows {
		line := make([]string, len(row))
		for i, c := range row {
			line[i] = p.applyTone(c.Tone, pad(Clean(c.Text), widths[i], t.Left(i)))
		}
		last, indent := len(row)-1, addUp(widths[:len(row)-1])+gutter*(len(row)-1)
		lines := []string{""}
		if room := TextWidth - indent; t.Left(last) && widths[last] > room && room >= leastRoom {
			lines = Fold(Clean(row[last].Text), room)
			line[last] = p.applyTone(row[last].Tone, lines[0])
		}
		fmt.Fprintln(b, strings.TrimRight(strings.Join(line, "  "), " "))
		for _, more := range lines[1:] {
			fmt.Fprintf(b, "%s%s\n", strings.Repeat(" ", indent), p.applyTone(row[last].Tone, more))
		}
	}
	for _, n := range t.Notes {
		for _, line := range Fold(Clean(n.Text), TextWidth-2) {
			fmt.Fprintf(b, "  %s\n", p.applyTone(n.Tone, line))
		}
	}
}

// widen makes room for the names of neighbouring groups that are wider than their columns.
func (t Table) widen(widths []int) {
	i, before := 0, false // the group before has a name
	for _, g := range t.Groups() {
		wide := addUp(widths[i:i+g.Span]) + gutter*(g.Span-1)
		if need := utf8.RuneCountInString(g.Name); before && need > wide {
			widths[i] += need - wide
		}
		i, before = i+g.Span, g.Name != ""
	}
}

// formatGroups returns the upper line of the head: each group's name in the middle of its
// columns, or flush with their end if it is wider than they are.
func (t Table) formatGroups(widths []int) string {
	line, at, i := "", 0, 0
	for _, g := range t.Groups() {
		width := addUp(widths[i:i+g.Span]) + gutter*(g.Span-1)
		start := at + (width-utf8.RuneCountInString(g.Name)+1)/2
		start = min(start, at+width-utf8.RuneCountInString(g.Name))
		if g.Name != "" {
			line = pad(line, start, true) + g.Name
		}
		at, i = at+width+gutter, i+g.Span
	}
	return line
}

// leastRoom is how narrow a last column of words may be folded.
const leastRoom = 24

// gutter is what lies between two columns of a terminal's table.
const gutter = 2

// Markdown writes the table under a heading of its own.
func (t Table) Markdown(b *strings.Builder) {
	if len(t.Rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n### %s\n\n", EscapeMarkdown(t.Title))
	t.Grid(b)
	for _, n := range t.Notes {
		fmt.Fprintf(b, "\n%s\n", EscapeMarkdown(n.Text))
	}
}

// Grid writes the heads and the rows as Markdown.
func (t Table) Grid(b *strings.Builder) {
	b.WriteString("|")
	rule := "|"
	for i, c := range t.Columns {
		name := c.Name
		if c.Group != "" && (i == 0 || t.Edge(i)) {
			name = c.Group + ": " + name
		}
		fmt.Fprintf(b, " %s |", EscapeMarkdown(name))
		if c.Left {
			rule += "---|"
		} else {
			rule += "--:|"
		}
	}
	fmt.Fprintf(b, "\n%s\n", rule)
	for _, row := range t.Rows {
		b.WriteString("|")
		for _, c := range row {
			text := EscapeMarkdown(c.Text)
			if c.Tone == BadTone && text != "" {
				text = "**" + text + "**"
			}
			fmt.Fprintf(b, " %s |", text)
		}
		b.WriteString("\n")
	}
}

func (p Paint) applyTone(t Tone, s string) string {
	switch t {
	case SoftTone:
		return p.makeDim(s)
	case GoodTone:
		return p.applySGR("32", s)
	case BadTone:
		return p.applySGR("31", s)
	case UnsureTone:
		return p.applySGR("33", s)
	}
	return s
}

func pad(s string, width int, left bool) string {
	fill := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
	if left {
		return s + fill
	}
	return fill + s
}

// Fold breaks a sentence into lines of at most width characters, where its
// words allow it.
func Fold(s string, width int) []string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(s) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(w) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + w)
	}
	return append(lines, line)
}

func addUp(n []int) (s int) {
	for _, x := range n {
		s += x
	}
	return s
}

// Folded is a text in lines of so many columns at most, broken between words; a word that
// is longer is cut.
func Folded(text string, width int) []string {
	lines := Fold(text, width)
	for i := range lines {
		if r := []rune(lines[i]); len(r) > width && width > 0 {
			lines[i] = string(r[:width-1]) + "…"
		}
	}
	return lines
}
