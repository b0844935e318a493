package render

import (
	"fmt"
	"strings"

	"github.com/pm2drill/pm2drill/harness/report"
)

// rehearsalTables are the sections of a rehearsal; none for any other run.
func rehearsalTables(x *report.Rehearsal) []Table {
	if x == nil {
		return nil
	}
	return []Table{MeasuredTable(x), checkTable(x), proposalTable(x)}
}

// MeasuredTable has the figures of a rehearsal.
func MeasuredTable(x *report.Rehearsal) Table {
	t := Table{ID: "measured", Title: "Measured in the rehearsal", Columns: []Column{{Name: "figure", Left: true}, {Name: "value"}, {Name: "how", Left: true}}}
	add := func(name, value, how string) {
		t.Rows = append(t.Rows, []Cell{TextCell(name), TextCell(value), TextCell(how)})
	}
	f := x.Figures
	if n := len(f.Boots); n > 0 {
		add("boot", FormatDuration(f.Boots[n-1]), fmt.Sprintf("from the start of a process to its first request, the slowest of %d", n))
	}
	if f.Longest > 0 {
		add("longest answer", FormatDuration(f.Longest), "from when the request was sent to the end of its answer")
	}
	if f.Memory > 0 {
		add("memory", fmt.Sprintf("%d MiB", f.Memory>>20), "the most resident memory of one worker")
	}
	if f.Reload > 0 {
		add("reload", FormatDuration(f.Reload), "from pm2 reload to the end of the last old worker")
	}
	if len(t.Rows) > 0 {
		add("killed by PM2", FormatNumber(f.Killed), "workers that did not exit within kill_timeout and got SIGKILL")
	}
	return t
}

func checkTable(x *report.Rehearsal) Table {
	t := Table{ID: "checked", Title: "Findings of validate", Columns: []Column{
		{Name: "rule", Left: true}, {Name: "setting", Left: true}, {Name: "verdict", Left: true}, {Name: "why", Left: true}}}
	tones := map[report.Verification]Tone{report.Confirmed: BadTone, report.Refuted: GoodTone, report.Unseen: SoftTone}
	marks := map[report.Verification]string{report.Confirmed: "✗ ", report.Refuted: "✓ ", report.Unseen: "– "}
	for _, c := range x.Checks {
		t.Rows = append(t.Rows, []Cell{TextCell(c.Rule), TextCell(c.Key), {Text: marks[c.Verdict] + string(c.Verdict), Tone: tones[c.Verdict]}, TextCell(c.Because)})
	}
	t.Notes = []Cell{{Text: "Confirmed: the harm of the finding was seen. Refuted: it was looked for and not seen. Unseen: no act of a rehearsal can show it. pm2drill explain RULE says more of a rule.", Tone: SoftTone}}
	return t
}

func proposalTable(x *report.Rehearsal) Table {
	t := Table{ID: "proposed", Title: "Proposed settings", Columns: []Column{
		{Name: "setting", Left: true}, {Name: "now"}, {Name: "proposed"}, {Name: "why", Left: true}}}
	for _, p := range x.Proposals {
		t.Rows = append(t.Rows, []Cell{TextCell(p.Key), TextCell(p.Was), TextCell(p.Value), TextCell(p.Why)})
	}
	return t
}

// FilePatch has the patch of a rehearsal, in the report's folder.
const FilePatch = "settings.patch"

// PatchHint says how the patch is applied.
func PatchHint(x *report.Rehearsal) string {
	return fmt.Sprintf("The patch of %s. Apply it in the folder of that file: git apply %s (the file is in this report's folder).", x.File, FilePatch)
}

// writeRehearsal writes the sections and the patch for a terminal.
func writeRehearsal(x *report.Rehearsal, b *strings.Builder, p Paint) {
	for _, t := range rehearsalTables(x) {
		t.Text(b, p)
	}
	if x != nil && x.Patch != "" {
		fmt.Fprintf(b, "\n%s\n%s", p.bold(Clean(PatchHint(x))), cleanLines(x.Patch))
	}
}

// writePatch writes the patch as Markdown.
func writePatch(x *report.Rehearsal, b *strings.Builder) {
	if x != nil && x.Patch != "" {
		fmt.Fprintf(b, "\n%s\n", EscapeMarkdown(PatchHint(x)))
		fence(b, "diff", strings.TrimSuffix(x.Patch, "\n"))
	}
}

// cleanLines cleans a text line by line.
func cleanLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = Clean(lines[i])
	}
	return strings.Join(lines, "\n")
}
