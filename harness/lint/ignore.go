package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ignore is a comment that asks for findings to be left out:
//
//	// pm2drill-ignore-next-line C007 -- one worker at night is enough
//	# pm2drill-ignore-file T008 E003 -- staging
//
// It needs a reason. One that leaves nothing out is a finding itself: what it was
// there for is gone, or it never hit.
type ignore struct {
	line   int // of the comment
	whole  bool
	ids    []string
	reason string
	used   bool
}

var ignoreComment = regexp.MustCompile(`(?://|#|/\*)\s*pm2drill-ignore-(next-line|file)\b([^\n]*)`)

func parseIgnores(source []byte) []ignore {
	var out []ignore
	for i, line := range strings.Split(string(source), "\n") {
		m := ignoreComment.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		ids, reason, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(m[2]), "*/"), "--")
		out = append(out, ignore{line: i + 1, whole: m[1] == "file", reason: strings.TrimSpace(reason),
			ids: strings.FieldsFunc(ids, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' })})
	}
	return out
}

// findFault says what is wrong with the comment, "" if nothing is.
func (x ignore) findFault() string {
	if len(x.ids) == 0 {
		return "it names no rule"
	}
	for _, id := range x.ids {
		if _, ok := Find(id); !ok {
			return fmt.Sprintf("there is no rule %s", id)
		}
	}
	if x.reason == "" {
		return "it has no reason: write one after --"
	}
	return ""
}

// covers reports whether the comment is about the finding.
func (x ignore) covers(f Finding) bool {
	return (x.whole || f.Line == x.line+1) && slices.ContainsFunc(x.ids, func(id string) bool { return strings.EqualFold(id, f.Rule) })
}

// Suppress leaves out what comments in the file ask to leave out, and says what is
// wrong with such comments. ignored is what was left out.
func Suppress(s *Subject, all []Finding) (kept, ignored []Finding) {
	comments := parseIgnores(s.Source)
	for _, f := range all {
		hit := false
		for i := range comments {
			if x := &comments[i]; x.findFault() == "" && x.covers(f) {
				x.used, hit = true, true
			}
		}
		if hit {
			ignored = append(ignored, f)
		} else {
			kept = append(kept, f)
		}
	}
	for _, x := range comments {
		f := Finding{App: topLevel, Line: x.line, Col: 1, Width: 1}
		switch wrong := x.findFault(); {
		case wrong != "":
			kept = append(kept, s.complete(x001(), f.setMessage("The comment leaves nothing out: %s.", wrong)))
		case !x.used:
			kept = append(kept, s.complete(x002(), f.setMessage("Nothing is left out by it: %s is not found here.", strings.Join(x.ids, ", "))))
		}
	}
	sortFindings(kept)
	return kept, ignored
}

func (f Finding) setMessage(format string, args ...any) Finding {
	f.Message = fmt.Sprintf(format, args...)
	return f
}
