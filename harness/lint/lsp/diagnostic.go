package lsp

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/pm2drill/pm2drill/harness/lint"
)

// diagnostics are the findings as an editor shows them.
func (s *server) diagnostics(seen *sight) []protocol.Diagnostic {
	out := []protocol.Diagnostic{}
	lines := strings.Split(seen.text, "\n")
	for i, f := range seen.findings {
		if i == mostShown {
			out = append(out, remark(fmt.Sprintf("and %d findings more: `pm2drill validate` has all", len(seen.findings)-i)))
			break
		}
		out = append(out, s.diagnostic(lines, f))
	}
	if why := unknown(seen.subject.Loaded); why != "" {
		d := remark(why)
		if line := seen.subject.Loaded.Line; line > 0 {
			d.Range = rangeOf(lines, line, seen.subject.Loaded.Col, 1)
		}
		out = append(out, d)
	}
	return out
}

func (s *server) diagnostic(lines []string, f lint.Finding) protocol.Diagnostic {
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
	d := remark(message)
	d.Severity, d.Code = severity, protocol.String(f.Rule)
	d.CodeDescription = protocol.CodeDescription{Href: uri.URI(s.cfg.Docs + f.Rule + ".md")}
	d.Range = rangeOf(lines, f.Line, f.Col, f.Width)
	return d
}

// remark is a diagnostic about the file as a whole.
func remark(text string) protocol.Diagnostic {
	return protocol.Diagnostic{Severity: protocol.DiagnosticSeverityInformation, Source: protocol.NewOptional("pm2drill"), Message: protocol.String(text)}
}

// rangeOf is a place as the protocol has it: lines from 0, characters in units of UTF-16.
// line and col are from 1, in bytes; 0 is the beginning of the text.
func rangeOf(lines []string, line, col, width int) protocol.Range {
	if line < 1 || line > len(lines) {
		return protocol.Range{}
	}
	text := strings.TrimSuffix(lines[line-1], "\r")
	from := min(max(col-1, 0), len(text))
	to := min(from+max(width, 1), len(text))
	at := func(n int) protocol.Position {
		return protocol.Position{Line: uint32(line - 1), Character: units(text[:n])}
	}
	return protocol.Range{Start: at(from), End: at(to)}
}

// units is the length of a text in UTF-16.
func units(s string) uint32 { return uint32(len(utf16.Encode([]rune(s)))) }

// touches reports whether two ranges have a place in common, or meet.
func touches(a, b protocol.Range) bool { return !before(a.End, b.Start) && !before(b.End, a.Start) }

func before(a, b protocol.Position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Character < b.Character
}
