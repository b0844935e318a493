package validate

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/lint/format"
)

// listSubjects evaluates the files and returns a subject for each.
func (v *Validation) listSubjects(ctx context.Context, files []input, target ecosystem.Target, nodes *nodes) ([]*lint.Subject, error) {
	var out []*lint.Subject
	for _, f := range files {
		s, err := Evaluate(ctx, v.resolveName(f), v.resolveTarget(target, f.path))
		if err == nil {
			s, err = nodes.evaluateAgain(ctx, s)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Evaluate evaluates a file in a process of its own.
func Evaluate(ctx context.Context, f input, target ecosystem.Target) (*lint.Subject, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("cannot find this program: %w", err)
	}
	return EvaluateBy(ctx, self, f, target)
}

// EvaluateBy evaluates a file in a process of that binary of pm2drill.
func EvaluateBy(ctx context.Context, binary string, f input, target ecosystem.Target) (*lint.Subject, error) {
	req := ecosystem.Request{Path: f.path, Dialect: ecosystem.DialectOf(f.path), Source: f.source, Target: target}
	loaded, err := sandbox.Run(ctx, []string{binary, "agent", "evaluate"}, req)
	if err != nil {
		return nil, err
	}
	if loaded.Failure != nil || len(loaded.Effects) > 0 { // whose texts are the file's own
		loaded = redactTexts(loaded, findProject(f.path, target), target)
	}
	return lint.NewSubject(req, loaded, lint.Host{}), nil
}

// Reevaluate evaluates the file of a subject as if it had this source instead, and applies the
// rules to it.
func Reevaluate(ctx context.Context, s *lint.Subject, source []byte) (*lint.Subject, format.Result, error) {
	again, err := Evaluate(ctx, input{path: s.Path, source: source}, s.Target)
	if err != nil {
		return nil, format.Result{}, err
	}
	return again, newResult(again), nil
}

func newResult(s *lint.Subject) format.Result {
	kept, ignored := lint.Suppress(s, lint.Check(s, lint.Rules()))
	undecided, weighs := listUndecided(s)
	return format.Result{Path: s.Path, Source: s.Source, Apps: len(s.Apps), Findings: kept, Ignored: len(ignored), Unsupported: s.Loaded.Unsupported,
		Line: s.Loaded.Line, Node: s.Loaded.Node, Undecided: undecided, Absent: weighs && len(s.Loaded.Absent) > 0}
}

// listUndecided names the settings that depend on what nobody knows beforehand, and says on
// what; weighs tells that one of them is more than a variable.
func listUndecided(s *lint.Subject) (text string, weighs bool) {
	var names []string
	for _, at := range s.Undecided() {
		weighs = weighs || !strings.HasPrefix(at.Key, "env")
		name := at.Key
		if at.App >= 0 && s.Apps[at.App].Name != "" {
			name = s.Apps[at.App].Name + ", " + at.Key
		}
		names = append(names, name)
	}
	if n := len(names) - 5; n > 0 {
		names = append(names[:5], fmt.Sprintf("and %d more", n))
	}
	switch {
	case len(names) > 0:
		return strings.Join(names, "; ") + ", because " + strings.Join(s.Loaded.Open, "; "), weighs
	case len(s.Loaded.Absent) > 0 && s.Loaded.Unsupported == "":
		return "no setting, though " + strings.Join(s.Loaded.Open, "; "), false
	}
	return "", false
}
