package render

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pm2drill/pm2drill/harness/report"
)

// buildRehearsalTables returns the tables of a rehearsal; none for any other run.
func buildRehearsalTables(x *report.Rehearsal) []Table {
	if x == nil {
		return nil
	}
	return []Table{verifiedTable(x), MeasuredTable(x), requestedTable(x), streamTable(x), checkTable(x), buildProposalTable(x)}
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

// requestedTable has the load of a rehearsal.
func requestedTable(x *report.Rehearsal) Table {
	t := Table{ID: "requested", Title: "Requests that were sent", Columns: []Column{
		{Name: "lane", Left: true}, {Name: "how often", Left: true}, {Name: "request", Left: true}, {Name: "headers", Left: true}, {Name: "body"}}}
	for _, q := range x.Load {
		body := "none"
		if q.Body > 0 {
			body = FormatCount(q.Body, "byte")
		}
		headers := strings.Join(q.Headers, "; ")
		if headers == "" {
			headers = "none of its own"
		}
		often := strconv.FormatFloat(q.Rate, 'g', -1, 64) + " per second"
		if q.Clients > 0 {
			often = FormatCount(q.Clients, "client") + " stay connected"
		}
		t.Rows = append(t.Rows, []Cell{TextCell(q.Lane), TextCell(often), TextCell(q.Method + " " + q.Path), TextCell(headers), TextCell(body)})
	}
	return t
}

// streamTable has what became of the connections that were to stay open.
func streamTable(x *report.Rehearsal) Table {
	t := Table{ID: "streams", Title: "Event streams and WebSockets", Columns: []Column{{Name: "act", Left: true}, {Name: "lane", Left: true}, {Name: "clients"},
		{Name: "opened"}, {Name: "closed"}, {Name: "cut"}, {Name: "refused"}, {Name: "left open"}, {Name: "longest without"}}}
	for _, s := range x.Streams {
		t.Rows = append(t.Rows, []Cell{TextCell(s.Act), TextCell(s.Lane), TextCell(FormatNumber(s.Clients)), TextCell(FormatNumber(s.Opened)), TextCell(FormatNumber(s.Closed)),
			lostCell(s.Cut), TextCell(FormatNumber(s.Refused)), TextCell(FormatNumber(s.Left)), TextCell(FormatDuration(s.Apart))})
	}
	t.Notes = []Cell{{Text: "Closed: the server ended the answer, or sent a close frame. Cut: the connection ended without either. Refused: tries that opened none. A client connects again a second after its connection has ended. They count apart from requests.", Tone: SoftTone}}
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

func buildProposalTable(x *report.Rehearsal) Table {
	t := Table{ID: "proposed", Title: "Proposed settings", Columns: []Column{
		{Name: "setting", Left: true}, {Name: "now"}, {Name: "proposed"}, {Name: "why", Left: true}}}
	for _, p := range x.Proposals {
		t.Rows = append(t.Rows, []Cell{TextCell(p.Key), TextCell(p.Was), TextCell(p.Value), TextCell(p.Why)})
	}
	return t
}

// writeRehearsal writes the sections and the advice for a terminal.
func writeRehearsal(x *report.Rehearsal, b *strings.Builder, p Paint) {
	for _, t := range buildRehearsalTables(x) {
		t.Text(b, p)
	}
	writeAdvice(x, b, p)
}

// cleanLines cleans a text line by line.
func cleanLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = Clean(lines[i])
	}
	return strings.Join(lines, "\n")
}
