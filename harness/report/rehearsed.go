package report

import (
	"fmt"
	"strings"
	"time"
)

// Rehearsal is what a rehearsed rollout of somebody's own app says of its ecosystem file:
// what was measured, which findings of validate the acts confirm, which settings the
// figures call for. Package rehearsal makes it.
type Rehearsal struct {
	Schema    string     `json:"schema"`
	File      string     `json:"file"` // the ecosystem file
	App       string     `json:"app"`
	Workers   int        `json:"workers"`
	Verdict   string     `json:"verdict"`            // of the promises
	Report    string     `json:"report"`             // folder
	Settings  []Setting  `json:"settings,omitempty"` // of the app, as PM2 has them
	Figures   Measured   `json:"figures"`
	Checks    []Check    `json:"checks"`
	Proposals []Proposal `json:"proposals"`
	Patch     string     `json:"patch"` // of the file, for `git apply` in its folder; "" for none
}

// RehearsalSchema names the form of a Rehearsal.
const RehearsalSchema = "pm2drill/rehearsal/1"

// Setting is one setting of the app.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"` // as JavaScript
}

// Measured are the figures of all acts of a rehearsal.
type Measured struct {
	Boots   []time.Duration `json:"boots_ns"`   // from each process's begin to its first request, sorted
	Boot    time.Duration   `json:"boot_ns"`    // their 99th percentile
	Longest time.Duration   `json:"longest_ns"` // the longest request that was answered, from being sent
	Memory  int64           `json:"memory"`     // the most resident memory that a worker had, in bytes
	Reload  time.Duration   `json:"reload_ns"`  // from the reload to the last old worker's end; 0 if it was not seen
	Killed  int             `json:"killed"`     // workers that PM2 had to end with SIGKILL
}

// Verification is what a rehearsal shows of a finding.
type Verification string

// The verifications. Unseen is a finding that no act of a rehearsal could show.
const (
	Confirmed Verification = "confirmed"
	Refuted   Verification = "refuted"
	Unseen    Verification = "unseen"
)

// Check is a finding of validate and what was seen of it.
type Check struct {
	Rule    string       `json:"rule"`
	Key     string       `json:"key,omitempty"` // the setting that it is about
	Verdict Verification `json:"verdict"`
	Because string       `json:"because"`
}

// Proposal is a setting that should have another value, by what was measured.
type Proposal struct {
	Key   string `json:"key"`
	Was   string `json:"was"`   // as PM2 has it
	Value string `json:"value"` // as JavaScript
	Why   string `json:"why"`
}

// rehearsalTables are the sections of a rehearsal; none for any other run.
func rehearsalTables(x *Rehearsal) []table {
	if x == nil {
		return nil
	}
	return []table{x.measured(), x.checked(), x.proposed()}
}

func (x *Rehearsal) measured() table {
	t := table{ID: "measured", Title: "Measured in the rehearsal", Columns: []column{{Name: "figure", Left: true}, {Name: "value"}, {Name: "how", Left: true}}}
	add := func(name, value, how string) { t.Rows = append(t.Rows, []cell{words(name), words(value), words(how)}) }
	f := x.Figures
	if n := len(f.Boots); n > 0 {
		add("boot", brief(f.Boots[n-1]), fmt.Sprintf("from the start of a process to its first request, the slowest of %d", n))
	}
	if f.Longest > 0 {
		add("longest answer", brief(f.Longest), "from when the request was sent to the end of its answer")
	}
	if f.Memory > 0 {
		add("memory", fmt.Sprintf("%d MiB", f.Memory>>20), "the most resident memory of one worker")
	}
	if f.Reload > 0 {
		add("reload", brief(f.Reload), "from pm2 reload to the end of the last old worker")
	}
	if len(t.Rows) > 0 {
		add("killed by PM2", number(f.Killed), "workers that did not exit within kill_timeout and got SIGKILL")
	}
	return t
}

func (x *Rehearsal) checked() table {
	t := table{ID: "checked", Title: "Findings of validate, and what the rehearsal shows of them", Columns: []column{
		{Name: "rule", Left: true}, {Name: "setting", Left: true}, {Name: "verdict", Left: true}, {Name: "why", Left: true}}}
	tones := map[Verification]tone{Confirmed: badTone, Refuted: goodTone, Unseen: softTone}
	marks := map[Verification]string{Confirmed: "✗ ", Refuted: "✓ ", Unseen: "– "}
	for _, c := range x.Checks {
		t.Rows = append(t.Rows, []cell{words(c.Rule), words(c.Key), {Text: marks[c.Verdict] + string(c.Verdict), Tone: tones[c.Verdict]}, words(c.Because)})
	}
	t.Notes = []cell{{Text: "Confirmed: the harm of the finding was seen. Refuted: it was looked for and not seen. Unseen: no act of a rehearsal can show it. `pm2drill explain RULE` explains a rule.", Tone: softTone}}
	return t
}

func (x *Rehearsal) proposed() table {
	t := table{ID: "proposed", Title: "Settings that the figures call for", Columns: []column{
		{Name: "setting", Left: true}, {Name: "now"}, {Name: "proposed"}, {Name: "why", Left: true}}}
	for _, p := range x.Proposals {
		t.Rows = append(t.Rows, []cell{words(p.Key), words(p.Was), words(p.Value), words(p.Why)})
	}
	return t
}

// filePatch has the patch of a rehearsal, in the report's folder.
const filePatch = "settings.patch"

// patchHint says how the patch is applied.
func (x *Rehearsal) patchHint() string {
	return fmt.Sprintf("The patch of %s. Apply it in the folder of that file: git apply %s (the file is in this report's folder).", x.File, filePatch)
}

// text writes the sections and the patch for a terminal.
func (x *Rehearsal) text(b *strings.Builder, p paint) {
	for _, t := range rehearsalTables(x) {
		t.text(b, p)
	}
	if x != nil && x.Patch != "" {
		fmt.Fprintf(b, "\n%s\n%s", p.bold(clean(x.patchHint())), cleanLines(x.Patch))
	}
}

// markdownPatch writes the patch as Markdown.
func (x *Rehearsal) markdownPatch(b *strings.Builder) {
	if x != nil && x.Patch != "" {
		fmt.Fprintf(b, "\n%s\n", escapeMarkdown(x.patchHint()))
		fence(b, "diff", strings.TrimSuffix(x.Patch, "\n"))
	}
}

// cleanLines cleans a text line by line.
func cleanLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = clean(lines[i])
	}
	return strings.Join(lines, "\n")
}
