package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/report"
)

// Files of a rehearsal's advice, in the report's folder.
const (
	FilePatch   = "settings.patch"
	FileHandler = "handler.patch"
)

// Advice is one part of what a rehearsal proposes, as a text to copy.
type Advice struct {
	ID, Title string
	Hint      string // what it is, and how it is applied
	Text      string
	Form      string // of the text: diff or js
	File      string // that has it in the report's folder; "" for none
}

// Advices are the parts of a rehearsal's advice that are texts.
func Advices(x *report.Rehearsal) []Advice {
	var out []Advice
	if x == nil {
		return nil
	}
	if x.Patch != "" {
		out = append(out, Advice{ID: "patch", Title: "Patch of the settings", Hint: applyHint("The patch of "+x.File+".", FilePatch), Text: x.Patch, Form: "diff", File: FilePatch})
	}
	if h := x.Handler; h != nil {
		out = append(out, handlerAdvice(h)...)
	}
	return out
}

func applyHint(what, file string) string {
	return fmt.Sprintf("%s Apply it in the folder of the ecosystem file: git apply %s (the file is in this report's folder).", what, file)
}

func handlerAdvice(h *report.Handler) []Advice {
	why, _, _ := strings.Cut(h.Why, ";")
	hint := fmt.Sprintf("Requests or streams are lost when PM2 tells a worker to end (%s), and the app has no code for that.", why)
	if h.NoPlace != "" {
		hint = fmt.Sprintf("Requests or streams are lost when PM2 tells a worker to end (%s). pm2drill cannot add the code that prevents it: %s.", why, h.NoPlace)
	}
	if h.Limit != "" {
		hint += " This does not bring the losses to 0: " + h.Limit + "."
	}
	a := Advice{ID: "handler", Title: "Code that ends a worker without losing requests"}
	switch {
	case h.Patch != "":
		a.Hint, a.Text, a.Form, a.File = hint+" "+applyHint(fmt.Sprintf("The patch adds it for %s, at %s.", h.Framework, strings.Join(h.Places, ", ")), FileHandler), h.Patch, "diff", FileHandler
	case h.Code != "":
		a.Hint, a.Text, a.Form = fmt.Sprintf("%s The code is %s, for %s: call drainOnSigint with what listens.", hint, h.File, h.Framework), h.Code, "js"
	default:
		a.Hint = hint
	}
	return []Advice{a}
}

// writeAdvice writes the advice for a terminal.
func writeAdvice(x *report.Rehearsal, b *strings.Builder, p Paint) {
	for _, a := range Advices(x) {
		fmt.Fprintf(b, "\n%s\n%s\n", p.makeBold(a.Title), Clean(a.Hint))
		if a.Text != "" {
			b.WriteString("\n" + cleanLines(a.Text))
		}
	}
}

// markAdvice writes the advice as Markdown.
func markAdvice(x *report.Rehearsal, b *strings.Builder) {
	for _, a := range Advices(x) {
		fmt.Fprintf(b, "\n## %s\n\n%s\n", EscapeMarkdown(a.Title), EscapeMarkdown(a.Hint))
		if a.Text != "" {
			writeFenced(b, a.Form, strings.TrimSuffix(a.Text, "\n"))
		}
	}
}

// verifiedTable has the acts without and with the advice.
func verifiedTable(x *report.Rehearsal) Table {
	t := Table{ID: "verified", Title: "With the advice applied", Columns: []Column{{Name: "act", Left: true},
		{Group: "as it is", Name: "dropped"}, {Group: "as it is", Name: "owed"}, {Group: "as it is", Name: "ruling", Left: true},
		{Group: "with the advice", Name: "dropped"}, {Group: "with the advice", Name: "owed"}, {Group: "with the advice", Name: "ruling", Left: true}}}
	v := x.Verified
	if v == nil {
		return t
	}
	streams := slices.ContainsFunc(v.Acts, func(a report.Repaired) bool { return a.Before.Streams+a.After.Streams > 0 })
	if streams {
		t.Columns = slices.Insert(t.Columns, 6, Column{Group: "with the advice", Name: "cut"})
		t.Columns = slices.Insert(t.Columns, 3, Column{Group: "as it is", Name: "cut"})
	}
	for _, a := range v.Acts {
		t.Rows = append(t.Rows, slices.Concat([]Cell{TextCell(a.Act)}, outturnCells(a.Before, streams), outturnCells(a.After, streams)))
	}
	said := map[report.Repair]Cell{
		report.RepairDone:      {Text: "The advice repairs the rollout", Tone: GoodTone},
		report.RepairFailed:    {Text: "The advice does not repair the rollout", Tone: BadTone},
		report.RepairUnknown:   {Text: "The advice is neither confirmed nor refuted", Tone: UnsureTone},
		report.RepairUnapplied: {Text: "The advice was not applied", Tone: BadTone},
	}[v.Ruling]
	said.Text += ": " + v.Because + "."
	t.Notes = append(t.Notes, said)
	if len(t.Rows) == 0 {
		t.Rows = [][]Cell{{TextCell("none"), TextCell("–"), TextCell("–"), TextCell("–"), TextCell("–"), TextCell("–"), TextCell("not rehearsed again")}}
	}
	for _, left := range v.Left {
		t.Notes = append(t.Notes, Cell{Text: "Not applied: " + left + ".", Tone: BadTone})
	}
	if len(v.Applied) > 0 && v.Report != "" {
		t.Notes = append(t.Notes, Cell{Text: fmt.Sprintf("Applied to a copy by git apply: %s. The second rehearsal has a report of its own in %s; the app's own files are as they were.", strings.Join(v.Applied, ", "), v.Report), Tone: SoftTone})
	}
	return t
}

// outturnCells are requests dropped and owed, streams cut if any were opened, and the verdict.
func outturnCells(o report.Outturn, streams bool) []Cell {
	dropped, owed, cut := lostCell(o.Dropped), TextCell(FormatNumber(o.Owed)), lostCell(o.Cut)
	verdict := Cell{Text: report.MarkOf(o.Verdict) + " " + string(o.Verdict), Tone: verdictTone(string(o.Verdict))}
	if o.Verdict == "" {
		dropped, owed, cut, verdict = TextCell("–"), TextCell("–"), TextCell("–"), Cell{Text: "not drilled", Tone: UnsureTone}
	}
	if streams {
		return []Cell{dropped, owed, cut, verdict}
	}
	return []Cell{dropped, owed, verdict}
}

// lostCell is a number that should be 0.
func lostCell(n int) Cell {
	if n > 0 {
		return Cell{Text: FormatNumber(n), Tone: BadTone}
	}
	return TextCell(FormatNumber(n))
}

func verdictTone(v string) Tone {
	switch v {
	case "kept":
		return GoodTone
	case "broken":
		return BadTone
	}
	return UnsureTone
}
