package matrix

import (
	"fmt"
	"html/template"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/harness/report/page"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// marks are the words of findings in a table.
var marks = map[Finding]render.Cell{
	Reproduced:    {Text: "✗ yes", Tone: render.BadTone},
	NotReproduced: {Text: "✓ no", Tone: render.GoodTone},
	Unclear:       {Text: "? unclear", Tone: render.UnsureTone},
}

// tables returns the tables of the matrix.
func (m *Matrix) tables() []render.Table {
	return []render.Table{m.buildRows("scenarios", "Incidents", false), m.buildRows("claims", "Claims of the guide", true), m.buildIssues(), m.buildCommands(), m.buildPlatforms()}
}

// columns returns a column for each platform, grouped by PM2's version.
func (m *Matrix) columns(first ...render.Column) []render.Column {
	for _, p := range m.Platforms {
		first = append(first, render.Column{Group: "PM2 " + p.PM2, Name: "Node " + p.Node})
	}
	return first
}

// findings returns a cell of a table for each platform.
func (m *Matrix) findings(r Row) []render.Cell {
	var out []render.Cell
	for _, p := range m.Platforms {
		i := slices.IndexFunc(r.Cells, func(c Cell) bool { return c.sameVersions(p) })
		if i < 0 {
			out = append(out, render.Cell{Text: "–", Tone: render.SoftTone})
			continue
		}
		x := marks[r.Cells[i].Found]
		x.Hint = r.Cells[i].Because
		out = append(out, x)
	}
	return out
}

// lastSeen returns the day on which the incident was last reproduced.
func (r Row) lastSeen() string {
	var last time.Time
	for _, c := range r.Cells {
		if c.Found == Reproduced && c.At.After(last) {
			last = c.At
		}
	}
	if last.IsZero() {
		return "–"
	}
	return last.UTC().Format("2006-01-02")
}

// buildRows returns the table of the scenarios, or of the claims.
func (m *Matrix) buildRows(id, title string, claims bool) render.Table {
	t := render.Table{ID: id, Title: title}
	t.Columns = m.columns(render.Column{Name: "scenario", Left: true}, render.Column{Name: "what breaks", Left: true}, render.Column{Name: "issues", Left: true}, render.Column{Name: "last reproduced"})
	for _, r := range m.Rows {
		if (r.Claim != "") != claims {
			continue
		}
		what := r.Breaks
		if claims {
			what = r.Claim
		}
		var issues []string
		for _, i := range r.Issues {
			issues = append(issues, fmt.Sprintf("#%d", i.Number))
		}
		t.Rows = append(t.Rows, append([]render.Cell{render.TextCell(r.Scenario), render.TextCell(what), render.TextCell(strings.Join(issues, " ")), render.TextCell(r.lastSeen())}, m.findings(r)...))
	}
	t.Notes = []render.Cell{{Text: "Yes: PM2 alone shows it, with no engine. No: the fault took effect, and PM2 alone kept the promise, or the claim holds. A dash was not drilled.", Tone: render.SoftTone}}
	return t
}

// buildIssues returns the table of the public issues.
func (m *Matrix) buildIssues() render.Table {
	t := render.Table{ID: "issues", Title: "Public issues of PM2"}
	t.Columns = m.columns(render.Column{Name: "issue", Left: true}, render.Column{Name: "opened", Left: true}, render.Column{Name: "what it reports", Left: true}, render.Column{Name: "scenario", Left: true}, render.Column{Name: "last reproduced"})
	add := func(i Issue, r Row, scenario string) {
		t.Rows = append(t.Rows, append([]render.Cell{render.TextCell(fmt.Sprintf("#%d", i.Number)), render.TextCell(i.Opened), render.TextCell(i.About), render.TextCell(scenario), render.TextCell(r.lastSeen())}, m.findings(r)...))
	}
	for _, r := range m.Rows {
		for _, i := range r.Issues {
			add(i, r, r.Scenario)
		}
	}
	for _, i := range m.Undrilled {
		add(i, Row{}, "none yet")
	}
	slices.SortStableFunc(t.Rows, func(a, b []render.Cell) int { return strings.Compare(b[0].Text, a[0].Text) })
	t.Notes = []render.Cell{{Text: "https://github.com/Unitech/pm2/issues/NUMBER. A scenario causes the incident by the mechanism that the issue reports; it is not the reporter's own app.", Tone: render.SoftTone}}
	return t
}

// buildCommands returns the table of the commands that drill each cell again.
func (m *Matrix) buildCommands() render.Table {
	t := render.Table{ID: "commands", Title: "How to reproduce", Columns: []render.Column{{Name: "scenario", Left: true}, {Name: "PM2"}, {Name: "Node"}, {Name: "found", Left: true}, {Name: "drilled"}, {Name: "because", Left: true}, {Name: "command", Left: true}}}
	for _, r := range m.Rows {
		for _, c := range r.Cells {
			t.Rows = append(t.Rows, []render.Cell{render.TextCell(r.Scenario), render.TextCell(c.PM2), render.TextCell(c.Node), marks[c.Found], render.TextCell(c.At.UTC().Format("2006-01-02 15:04")), render.TextCell(c.Because), render.TextCell(c.Command)})
		}
	}
	return t
}

// buildPlatforms returns the table of what was drilled on.
func (m *Matrix) buildPlatforms() render.Table {
	t := render.Table{ID: "platforms", Title: "Versions", Columns: []render.Column{{Name: "PM2", Left: true}, {Name: "Node", Left: true}, {Name: "SHA-256 of the lock file", Left: true}}}
	for _, p := range m.Platforms {
		t.Rows = append(t.Rows, []render.Cell{render.TextCell(p.PM2), render.TextCell(p.Node), render.TextCell(p.Lock)})
	}
	return t
}

// Text writes the tables of what was found for a terminal.
func (m *Matrix) Text(w io.Writer, colour bool) error {
	var b strings.Builder
	for _, t := range m.tables() {
		if t.ID != "commands" {
			t.Text(&b, render.Paint{On: colour})
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// JSON writes matrix.json.
func (m *Matrix) JSON(w io.Writer) error { return folder.Encode(w, m) }

// Markdown writes the tables as Markdown.
func (m *Matrix) Markdown(w io.Writer) error {
	b := &strings.Builder{}
	b.WriteString("# What PM2 does, by version\n\nWritten by `pm2drill matrix`.\n")
	for _, t := range m.tables() {
		t.Markdown(b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// matrixPage is the template of matrix.html.
const matrixPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>What PM2 does, by version: pm2drill matrix</title>
<style>{{.CSS}}</style>
</head>
<body>
<header class="top"><p class="brand"><span class="logo" aria-hidden="true"></span>pm2drill <span class="soft">matrix</span></p></header>
<main><h1>What PM2 does, by version</h1>
{{range .Tables}}{{template "table" .}}{{end}}
</main>
</body>
</html>
`

// HTML writes the tables as a page of its own that fetches nothing and runs no script.
func (m *Matrix) HTML(w io.Writer) error {
	css, err := page.ReadAssets("page.css", "compare.css")
	if err != nil {
		return fmt.Errorf("cannot write the matrix: %w", err)
	}
	t, err := template.ParseFS(page.Assets, "assets/table.html")
	if err == nil {
		t, err = t.New("matrix").Parse(matrixPage)
	}
	if err == nil {
		err = t.Execute(w, struct {
			CSS    template.CSS
			Tables []render.Table
		}{template.CSS(css), m.tables()})
	}
	if err != nil {
		return fmt.Errorf("cannot write the matrix: %w", err)
	}
	return nil
}

// Write writes matrix.json, matrix.md and matrix.html to a folder, each at once as a whole.
func (m *Matrix) Write(dir string) error {
	for name, write := range map[string]func(io.Writer) error{"matrix.json": m.JSON, "matrix.md": m.Markdown, "matrix.html": m.HTML} {
		if err := folder.WriteFile(filepath.Join(dir, name), write); err != nil {
			return err
		}
	}
	return nil
}
