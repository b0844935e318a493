package lsp

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/pm2drill/pm2drill/harness/lint"
)

// buildDiagnostics returns the findings as an editor shows them.
func (s *server) buildDiagnostics(seen *sight) []protocol.Diagnostic {
	out := []protocol.Diagnostic{}
	lines := strings.Split(seen.text, "\n")
	for i, f := range seen.findings {
		if i == mostShown {
			out = append(out, newRemark(fmt.Sprintf("and %d findings more: `pm2drill validate` has all", len(seen.findings)-i)))
			break
		}
		out = append(out, s.buildDiagnostic(lines, f))
	}
	if why := describeUnknown(seen.subject.Loaded); why != "" {
		d := newRemark(why)
		if line := seen.subject.Loaded.Line; line > 0 {
			d.Range = computeRange(lines, line, seen.subject.Loaded.Col, 1)
		}
		out = append(out, d)
	}
	return out
}

func (s *server) buildDiagnostic(lines []string, f lint.Finding) protocol.Diagnostic {
	severity := protocol.DiagnosticSeverityInformation
	switch f.Severity {
	case lint.Error:
		severity = protocol.DiagnosticSeverityError
	case lint.Warning:
		severity = protocol.DiagnosticSeverityWarning
	}
	message := f.Message
	if f.Fix != "" {
		message += "\nFix: " + f.Fix
	}
	d := newRemark(message)
	d.Severity, d.Code = severity, protocol.String(f.Rule)
	d.CodeDescription = protocol.CodeDescription{Href: uri.URI(s.cfg.Docs + f.Rule + ".md")}
	d.Range = computeRange(lines, f.Line, f.Col, f.Width)
	return d
}

// newRemark returns a diagnostic about the file as a whole.
func newRemark(text string) protocol.Diagnostic {
	return protocol.Diagnostic{Severity: protocol.DiagnosticSeverityInformation, Source: protocol.NewOptional("pm2drill"), Message: protocol.String(text)}
}

// computeRange returns a place as the protocol has it: lines from 0, characters in units
// of UTF-16. line and col are from 1, in bytes; 0 is the beginning of the text.
func computeRange(lines []string, line, col, width int) protocol.Range {
	if line < 1 || line > len(lines) {
		return protocol.Range{}
	}
	text := strings.TrimSuffix(lines[line-1], "\r")
	from := min(max(col-1, 0), len(text))
	to := min(from+max(width, 1), len(text))
	at := func(n int) protocol.Position {
		return protocol.Position{Line: uint32(line - 1), Character: countUnits(text[:n])}
	}
	return protocol.Range{Start: at(from), End: at(to)}
}

// countUnits returns the length of a text in UTF-16.
func countUnits(s string) uint32 { return uint32(len(utf16.Encode([]rune(s)))) }

// touches reports whether two ranges have a place in common, or meet.
func touches(a, b protocol.Range) bool { return !isBefore(a.End, b.Start) && !isBefore(b.End, a.Start) }

func isBefore(a, b protocol.Position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Character < b.Character
}
