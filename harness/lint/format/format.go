// Package format writes what lint has found, for people and for machines.
package format

import (
	"fmt"
	"io"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/lint"
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
	Unsupported string // why nothing can be said of the file; "" if something can
}

// Run is all of it.
type Run struct {
	Results []Result
	Target  ecosystem.Target
	Version string // of pm2drill
	Colour  bool
	Docs    string // URL of the rules' pages, without the id
}

// Names lists the formats.
func Names() []string { return []string{"human", "json", "sarif", "github", "junit", "markdown"} }

// Write writes the run in the format of that name.
func Write(w io.Writer, name string, r Run) error {
	writers := map[string]func(io.Writer, Run) error{
		"human": byFault(human), "json": asJSON, "sarif": sarif, "github": byFault(github), "junit": junit, "markdown": byFault(markdown),
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

// counts are the findings by severity.
func (r Run) counts() map[lint.Severity]int {
	n := map[lint.Severity]int{}
	for _, x := range r.Results {
		for _, f := range x.Findings {
			n[f.Severity]++
		}
	}
	return n
}

// rules are those that have found something, in the order of their ids.
func (r Run) rules() []lint.Rule {
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

// count is a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// where is a finding's place as compilers write it.
func where(path string, f lint.Finding) string {
	if f.Line == 0 {
		return path
	}
	return fmt.Sprintf("%s:%d:%d", path, f.Line, f.Col)
}

// about is whose finding it is.
func about(f lint.Finding) string {
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
