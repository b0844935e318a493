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
func (s Severity) AtLeast(that Severity) bool { return s.rank() >= that.rank() }

func (s Severity) rank() int {
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

// says is a finding about a key of the app.
func (a App) says(key, format string, args ...any) Finding {
	f := Finding{App: a.Index, Name: a.Name, Key: a.spelling(key), Message: fmt.Sprintf(format, args...)}
	if v, ok := a.lookup(f.Key); ok {
		f.Value, f.Hash = shown(f.Key, v), hash(v.Inspect())
	}
	return f
}

// one is a list of one finding.
func one(f Finding) []Finding { return []Finding{f} }

// as gives the finding another severity than its rule's.
func (f Finding) as(s Severity) Finding {
	f.Severity = s
	return f
}

// fix says what to do here.
func (f Finding) fix(format string, args ...any) Finding {
	f.Fix = fmt.Sprintf(format, args...)
	return f
}

// edit says what would mend it.
func (f Finding) edit(e Edit) Finding {
	f.Edit = &e
	return f
}

// says is a finding about the file as a whole, or about a key beside its apps.
func (s *Subject) says(key, format string, args ...any) Finding {
	f := Finding{App: topLevel, Key: key, Message: fmt.Sprintf(format, args...)}
	if s.Config.Top.Has(key) {
		f.Value = shown(key, s.Config.Top.Get(key))
	}
	return f
}

// capital begins a sentence.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
