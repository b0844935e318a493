package lint

import (
	"fmt"
	"strings"
)

// Severity is how bad a finding is.
type Severity string

// The severities: Error takes the service down or makes PM2 refuse the file, Warning
// bites under circumstances that come, Info is worth knowing.
const (
	Info    Severity = "info"
	Warning Severity = "warning"
	Error   Severity = "error"
)

// Severities lists them, the least first.
func Severities() []Severity { return []Severity{Info, Warning, Error} }

// AtLeast reports whether this is as bad as that.
func (s Severity) AtLeast(that Severity) bool { return s.computeRank() >= that.computeRank() }

func (s Severity) computeRank() int {
	switch s {
	case Error:
		return 2
	case Warning:
		return 1
	}
	return 0
}

// Rule is one thing that is wrong with files.
type Rule struct {
	ID       string
	Severity Severity // the worst that its findings have
	Title    string   // in a line, what it catches
	Why      string   // what comes of it, as measured, and on which versions of PM2
	Fix      string   // what to do about it
	Source   string   // where PM2 does so: file and line of the npm package, or a document

	// One of these finds it; of what Suppress and Rollout find, neither.
	File func(*Subject) []Finding
	Apps func(App) []Finding
}

// Finding is a rule that a file breaks, and where.
type Finding struct {
	Rule     string   // its id
	Severity Severity // the rule's, if empty
	App      int      // from 0, or ecosystem.TopLevel
	Name     string   // the app's; "" of the file
	Key      string   // "kill_timeout", "env.PORT"; "" of the whole
	Value    string   // as written; never that of a secret
	Message  string   // what is wrong here, in a sentence or two
	Fix      string   // what to do here; the rule's, if empty
	Line     int      // from 1; 0 if unknown
	Col      int      // from 1
	Width    int      // in columns, at least 1
	Hash     string   // of the value, the same as long as the value is
	Edit     *Edit    // what would mend it for certain, if anything would
}

// Edit is a change to one property of an app.
type Edit struct {
	Rename string // the key's new name
	Set    string // the new value, as JavaScript
	Add    []Pair // properties to add to the app
	Remove bool   // take the property away
}

// Pair is a property to add.
type Pair struct {
	Key   string
	Value string // as JavaScript
}

// report returns a finding about a key of the app.
func (a App) report(key, format string, args ...any) Finding {
	f := Finding{App: a.Index, Name: a.Name, Key: a.findSpelling(key), Message: fmt.Sprintf(format, args...)}
	if v, ok := a.getExact(f.Key); ok {
		f.Value, f.Hash = formatValue(f.Key, v), computeHash(v.Inspect())
	}
	return f
}

// listOne returns a list of one finding.
func listOne(f Finding) []Finding { return []Finding{f} }

// setSeverity returns the finding with another severity than its rule's.
func (f Finding) setSeverity(s Severity) Finding {
	f.Severity = s
	return f
}

// setFix returns the finding with another text of what to do.
func (f Finding) setFix(format string, args ...any) Finding {
	f.Fix = fmt.Sprintf(format, args...)
	return f
}

// setEdit returns the finding with the edit that would fix it.
func (f Finding) setEdit(e Edit) Finding {
	f.Edit = &e
	return f
}

// report returns a finding about the file as a whole, or about a key beside its apps.
func (s *Subject) report(key, format string, args ...any) Finding {
	f := Finding{App: topLevel, Key: key, Message: fmt.Sprintf(format, args...)}
	if s.Config.Top.Has(key) {
		f.Value = formatValue(key, s.Config.Top.Get(key))
	}
	return f
}

// capitalize returns the text with its first letter in upper case.
func capitalize(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// formatCount returns a number with its noun.
func formatCount(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
