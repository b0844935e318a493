package lsp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/pm2drill/pm2drill/harness/lint"
)

// fixAll is the kind of the action that makes every change that is proven.
const fixAll protocol.CodeActionKind = "source.fixAll.pm2drill"

// mostActions is how many fixes are proven for one request.
const mostActions = 10

// CodeAction offers the fixes of the findings in the range, each of which was tried: the
// changed text was validated, the finding is gone and none has come.
func (s *server) CodeAction(ctx context.Context, p *protocol.CodeActionParams) ([]protocol.CommandOrCodeAction, error) {
	d, seen, settings, cwd := s.findKnown(p.TextDocument.URI)
	out := []protocol.CommandOrCodeAction{}
	if seen == nil {
		return out, nil
	}
	prove := func(findings []lint.Finding) (after []byte, n int, err error) {
		return lint.Prove(seen.subject, findings, func(text []byte) (*lint.Subject, error) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			return s.evaluateText(ctx, d, settings, cwd, text)
		})
	}
	if isWanted(p.Context.Only, protocol.CodeActionKindQuickFix) {
		lines, tried := strings.Split(seen.text, "\n"), 0
		for _, f := range seen.findings {
			place := computeRange(lines, f.Line, f.Col, f.Width)
			if f.Edit == nil || !touches(place, p.Range) || tried == mostActions {
				continue
			}
			tried++
			after, n, err := prove([]lint.Finding{f})
			if err != nil {
				return nil, fmt.Errorf("cannot prove the fix of %s: %w", f.Rule, err)
			}
			if n > 0 {
				title := fmt.Sprintf("%s: %s", f.Rule, cutFirstSentence(f.Fix))
				out = append(out, buildAction(p.TextDocument.URI, title, protocol.CodeActionKindQuickFix, seen.text, after, s.buildDiagnostic(lines, f)))
			}
		}
	}
	if slices.ContainsFunc(p.Context.Only, func(k protocol.CodeActionKind) bool { return covers(k, fixAll) }) {
		after, n, err := prove(seen.findings)
		if err != nil {
			return nil, fmt.Errorf("cannot prove the fixes: %w", err)
		}
		if n > 0 {
			out = append(out, buildAction(p.TextDocument.URI, fmt.Sprintf("Make all %d changes that are proven", n), fixAll, seen.text, after))
		}
	}
	return out, nil
}

// isWanted reports whether a client that asks for these kinds, or for any, wants that
// one.
func isWanted(only []protocol.CodeActionKind, kind protocol.CodeActionKind) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(k protocol.CodeActionKind) bool { return covers(k, kind) })
}

// covers reports whether a kind is the other, or one above it.
func covers(above, kind protocol.CodeActionKind) bool {
	return above == kind || strings.HasPrefix(string(kind), string(above)+".")
}

func buildAction(u uri.URI, title string, kind protocol.CodeActionKind, before string, after []byte, about ...protocol.Diagnostic) *protocol.CodeAction {
	yes := true
	return &protocol.CodeAction{
		Title: title, Kind: &kind, Diagnostics: about, IsPreferred: &yes,
		Edit: &protocol.WorkspaceEdit{Changes: map[uri.URI][]protocol.TextEdit{u: computeEdits(before, string(after))}},
	}
}

// computeEdits returns the changes that make one text of another.
func computeEdits(before, after string) []protocol.TextEdit {
	at := func(offset int) protocol.Position {
		start := strings.LastIndexByte(before[:offset], '\n') + 1
		return protocol.Position{Line: uint32(strings.Count(before[:offset], "\n")), Character: countUnits(before[start:offset])}
	}
	out := []protocol.TextEdit{}
	for _, e := range udiff.Strings(before, after) {
		out = append(out, protocol.TextEdit{Range: protocol.Range{Start: at(e.Start), End: at(e.End)}, NewText: e.New})
	}
	return out
}

func cutFirstSentence(s string) string {
	first, _, _ := strings.Cut(s, ". ")
	return strings.TrimSuffix(first, ".")
}

// Hover has the pages of the rules that found something at the place.
func (s *server) Hover(_ context.Context, p *protocol.HoverParams) (*protocol.Hover, error) {
	_, seen, _, _ := s.findKnown(p.TextDocument.URI)
	if seen == nil {
		return nil, nil
	}
	lines := strings.Split(seen.text, "\n")
	here := protocol.Range{Start: p.Position, End: p.Position}
	var pages, ids []string
	var place protocol.Range
	for _, f := range seen.findings {
		at := computeRange(lines, f.Line, f.Col, f.Width)
		rule, ok := lint.Find(f.Rule)
		if !ok || f.Line == 0 || !touches(at, here) || slices.Contains(ids, f.Rule) {
			continue
		}
		ids, place = append(ids, f.Rule), at
		pages = append(pages, lint.Page(rule))
	}
	if len(pages) == 0 {
		return nil, nil
	}
	return &protocol.Hover{Contents: &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: strings.Join(pages, "\n---\n\n")}, Range: &place}, nil
}
