// Package format writes what lint has found, for people and for machines.
package format

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// Result is what was found in one file.
type Result struct {
	Path        string
	Source      []byte
	Apps        int
	Findings    []lint.Finding
	Hidden      int    // findings that the caller's choice of rules and severities leaves out
	Ignored     int    // left out by comments
	Known       int    // left out by the baseline
	Unsupported string // what of the file is not evaluated, so that no value is known; "" if it is evaluated
	Line        int    // of what is not evaluated, from 1; 0 if unknown
	Node        bool   // a real Node has evaluated it, as far as one can
	Undecided   string // settings that depend on what nobody knows beforehand, and on what; "" if none does
	Absent      bool   // a package is not installed on which a setting depends
}

// Inconclusive is why nothing, or not enough, is known of the file; "" if it is.
func (x Result) Inconclusive() string {
	switch {
	case x.Unsupported != "":
		return "the file uses " + x.Unsupported + x.formatPlace() + ", which is not evaluated here"
	case x.Absent:
		return "undecided: " + x.Undecided
	}
	return ""
}

// formatPlace returns the line of what is not evaluated, with its text; "" if it is not
// known.
func (x Result) formatPlace() string {
	lines := bytes.Split(x.Source, []byte("\n"))
	if x.Line < 1 || x.Line > len(lines) {
		return ""
	}
	return fmt.Sprintf(" (line %d: %s)", x.Line, clip(redact.Masked(string(bytes.TrimSpace(lines[x.Line-1]))), width/2))
}

// goOn says what to do about an inconclusive file.
func (x Result) goOn() string {
	switch {
	case x.Absent && strings.Contains(x.Undecided, "the package dotenv"):
		return "Install the packages (npm ci) and validate again, beside the .env of the host: without one the file's own defaults count."
	case x.Absent || strings.Contains(x.Unsupported, "not installed here"):
		return "Install the packages (npm ci) and validate again."
	case x.Node:
		return "Make the value a constant, or hand it over in an environment variable (--os-env)."
	}
	return "pm2drill validate --with-node has Node evaluate it, in a container without a network; --with-node=host on this host. The rules that need no value were checked."
}

// Run is all of it.
type Run struct {
	Results []Result
	Target  ecosystem.Target
	Version string // of pm2drill
	Colour  bool
	Docs    string // URL of the rules' pages, without the id

	Threshold lint.Severity // from which on findings fail the run; Error if empty
	LeftOut   int           // folders that were not looked into
}

// isFailure reports whether a finding of that severity fails the run.
func (r Run) isFailure(s lint.Severity) bool { return s.AtLeast(cmp.Or(r.Threshold, lint.Error)) }

// mostAlike is how many findings of one rule are shown in full for a file.
const mostAlike = 3

// limitFindings returns the findings to show in full, and how many more each rule has,
// with the first apps that they are about.
func limitFindings(all []lint.Finding) (shown []lint.Finding, more []alike) {
	seen := map[string]int{}
	at := map[string]int{}
	for _, f := range all {
		if seen[f.Rule]++; seen[f.Rule] <= mostAlike {
			shown = append(shown, f)
			continue
		}
		i, ok := at[f.Rule]
		if !ok {
			i, at[f.Rule] = len(more), len(more)
			more = append(more, alike{rule: f.Rule, severity: f.Severity})
		}
		more[i].n++
		if len(more[i].about) < mostAlike {
			more[i].about = append(more[i].about, describeSubject(f))
		}
	}
	return shown, more
}

// alike are findings of one rule that are counted and not shown.
type alike struct {
	rule     string
	severity lint.Severity
	n        int
	about    []string // of the first
}

func (a alike) String() string {
	names := strings.Join(a.about, "; ")
	if a.n > len(a.about) {
		names += "; ..."
	}
	return fmt.Sprintf("and %d more of %s: %s (--format json has all)", a.n, a.rule, names)
}

// Names lists the formats.
func Names() []string { return []string{"human", "json", "sarif", "github", "junit", "markdown"} }

// Write writes the run in the format of that name.
func Write(w io.Writer, name string, r Run) error {
	writers := map[string]func(io.Writer, Run) error{
		"human": groupByFault(writeHuman), "json": writeJSON, "sarif": writeSARIF, "github": groupByFault(writeGitHub), "junit": writeJUnit, "markdown": groupByFault(writeMarkdown),
	}
	write, ok := writers[name]
	if !ok {
		return fmt.Errorf("there is no format %q", name)
	}
	if err := write(w, r); err != nil {
		return fmt.Errorf("cannot write %s: %w", name, err)
	}
	return nil
}

// countFindings returns the number of findings by severity.
func (r Run) countFindings() map[lint.Severity]int {
	n := map[lint.Severity]int{}
	for _, x := range r.Results {
		for _, f := range x.Findings {
			n[f.Severity]++
		}
	}
	return n
}

// listRules returns the rules that have found something, in the order of their ids.
func (r Run) listRules() []lint.Rule {
	hit := map[string]bool{}
	for _, x := range r.Results {
		for _, f := range x.Findings {
			hit[f.Rule] = true
		}
	}
	var out []lint.Rule
	for _, rule := range lint.Rules() {
		if hit[rule.ID] {
			out = append(out, rule)
		}
	}
	return out
}

// formatCount returns a number with its noun.
func formatCount(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// formatPosition returns a finding's place as compilers write it.
func formatPosition(path string, f lint.Finding) string {
	if f.Line == 0 {
		return path
	}
	return fmt.Sprintf("%s:%d:%d", path, f.Line, f.Col)
}

// describeSubject returns the app and the key that the finding is about.
func describeSubject(f lint.Finding) string {
	switch {
	case f.Name != "" && f.Key != "":
		return f.Name + ", " + f.Key
	case f.Name != "":
		return f.Name
	case f.App >= 0 && f.Key != "":
		return fmt.Sprintf("app %d, %s", f.App, f.Key)
	case f.App >= 0:
		return fmt.Sprintf("app %d", f.App)
	}
	return f.Key
}
