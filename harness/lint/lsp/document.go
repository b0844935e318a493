package lsp

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/lint"
)

// document is an open file.
type document struct {
	uri     uri.URI
	path    string
	version int32
	text    string
	cancel  context.CancelFunc // of its evaluation, nil if there was none
	seen    *sight             // of its newest evaluation that has ended
}

// sight is what is known of one version of a text.
type sight struct {
	version  int32
	text     string
	subject  *lint.Subject
	findings []lint.Finding
}

// mostText is how large a text may be, in bytes, to be looked at.
const mostText = 4 << 20

// mostShown is how many findings of a file an editor is told of.
const mostShown = 200

// supersede ends the document's evaluation.
func (d *document) supersede() {
	if d.cancel != nil {
		d.cancel()
	}
}

// updateText takes a new text of a document.
func (s *server) updateText(u uri.URI, version int32, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := parsePath(u)
	if s.shut || path == "" {
		return nil
	}
	d := s.open[u]
	if d == nil {
		d = &document{uri: u, path: path}
		s.open[u] = d
	}
	d.version, d.text = version, text
	s.look(d)
	return nil
}

// look starts an evaluation of a document, in the place of one that goes on. The lock is
// held.
func (s *server) look(d *document) {
	d.supersede()
	ctx, cancel := context.WithCancel(s.ctx)
	d.cancel = cancel
	job := *d
	settings := s.settings
	cwd := s.findFolder(d.path)
	s.work.Go(func() {
		defer cancel()
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
		case <-ctx.Done():
			return
		}
		if ctx.Err() != nil {
			return
		}
		seen, shown := s.evaluate(ctx, job, settings, cwd)
		s.tell(ctx, d, seen, shown)
	})
}

// findFolder returns the folder of the workspace that a file is in, else its own.
func (s *server) findFolder(path string) string {
	for _, dir := range s.folders {
		if dir != "" && strings.HasPrefix(path, dir+string(filepath.Separator)) {
			return dir
		}
	}
	return filepath.Dir(path)
}

// evaluate finds what is to be said of a text; nil of one that is no ecosystem file.
func (s *server) evaluate(ctx context.Context, d document, settings Settings, cwd string) (*sight, []protocol.Diagnostic) {
	seen := &sight{version: d.version, text: d.text}
	if len(d.text) > mostText || !s.cfg.Wanted(d.path, []byte(d.text)) {
		return seen, []protocol.Diagnostic{}
	}
	subject, err := s.evaluateText(ctx, d, settings, cwd, []byte(d.text))
	if err != nil {
		return seen, []protocol.Diagnostic{newRemark(fmt.Sprintf("cannot be looked at: %v", err))}
	}
	kept, _ := lint.Suppress(subject, lint.Check(subject, lint.Rules()))
	for _, f := range kept {
		if settings.wants(f) {
			seen.findings = append(seen.findings, f)
		}
	}
	seen.subject = subject
	return seen, s.buildDiagnostics(seen)
}

func (s *server) evaluateText(ctx context.Context, d document, settings Settings, cwd string, text []byte) (*lint.Subject, error) {
	if settings.Cwd == "" {
		settings.Cwd = cwd
	}
	target, err := s.cfg.Target(settings)
	if err != nil {
		return nil, err
	}
	return s.cfg.Evaluate(ctx, d.path, text, target)
}

// tell publishes what was found, unless the text has changed meanwhile.
func (s *server) tell(ctx context.Context, d *document, seen *sight, shown []protocol.Diagnostic) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil || s.shut {
		return
	}
	d.seen = seen
	// The client may have gone; then nobody wants to know.
	_ = s.client.PublishDiagnostics(ctx, &protocol.PublishDiagnosticsParams{URI: d.uri, Version: protocol.NewOptional(seen.version), Diagnostics: shown})
}

// findKnown returns what is known of a document's present text; nil if nothing is yet.
func (s *server) findKnown(u uri.URI) (document, *sight, Settings, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.open[u]
	if d == nil || d.seen == nil || d.seen.subject == nil || d.seen.version != d.version {
		return document{}, nil, Settings{}, ""
	}
	return *d, d.seen, s.settings, s.findFolder(d.path)
}

// describeUnknown says why not all is known of a file, "" if it is.
func describeUnknown(e ecosystem.Evaluation) string {
	switch {
	case e.Unsupported != "":
		return "Not all of this file can be evaluated: it uses " + e.Unsupported + ". `pm2drill validate --with-node` has Node evaluate it."
	case len(e.Absent) > 0:
		return "A package is not installed here (npm ci), so that not every setting is known: " + strings.Join(e.Absent, ", ")
	}
	return ""
}
