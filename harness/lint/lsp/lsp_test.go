package lsp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/lint/lsp"
)

// editor is a client that remembers what it was told.
type editor struct {
	protocol.UnimplementedClient
	told  chan *protocol.PublishDiagnosticsParams
	shown chan string
}

func (e *editor) PublishDiagnostics(_ context.Context, p *protocol.PublishDiagnosticsParams) error {
	e.told <- p
	return nil
}

func (e *editor) ShowMessage(_ context.Context, p *protocol.ShowMessageParams) error {
	e.shown <- p.Message
	return nil
}

// session is an editor with its server.
type session struct {
	*editor
	server protocol.Server
	ended  chan error
	dir    string
}

// config evaluates in this process.
func config() lsp.Config {
	return lsp.Config{
		Version: "test", Docs: "https://example.org/rules/", Start: lsp.Settings{CPUs: 4, Node: "26.10.0", PM2: "7.0.4", Severity: "info"},
		Wanted: func(path string, _ []byte) bool { return strings.HasPrefix(filepath.Base(path), "ecosystem") },
		Target: func(s lsp.Settings) (ecosystem.Target, error) {
			if s.CPUs < 1 {
				return ecosystem.Target{}, errors.New("a host has one core or more")
			}
			return ecosystem.Target{CPUs: s.CPUs, Node: s.Node, PM2: s.PM2, Env: s.Env, Cwd: s.Cwd, OS: map[string]string{"HOME": "/root"}}, nil
		},
		Evaluate: func(_ context.Context, path string, text []byte, t ecosystem.Target) (*lint.Subject, error) {
			req := ecosystem.Request{Path: path, Dialect: ecosystem.DialectOf(path), Source: text, Target: t}
			return lint.NewSubject(req, sandbox.Evaluate(req), lint.Host{}), nil
		},
	}
}

// twoWays is one end of two pipes.
type twoWays struct {
	io.ReadCloser
	io.WriteCloser
}

func (w twoWays) Close() error { return errors.Join(w.WriteCloser.Close(), w.ReadCloser.Close()) }

func begin(t *testing.T, cfg lsp.Config) session {
	t.Helper()
	fromClient, toServer := io.Pipe()
	fromServer, toClient := io.Pipe()
	s := session{&editor{told: make(chan *protocol.PublishDiagnosticsParams, 100), shown: make(chan string, 10)}, nil, make(chan error, 1), t.TempDir()}
	go func() {
		s.ended <- lsp.Serve(context.Background(), fromClient, toClient, cfg)
		toClient.Close()
	}()
	_, conn, server := protocol.NewClient(t.Context(), s.editor, jsonrpc2.NewStream(twoWays{fromServer, toServer}))
	s.server = server
	t.Cleanup(func() { conn.Close() })
	return s
}

func (s session) greet(t *testing.T) *protocol.InitializeResult {
	t.Helper()
	p := &protocol.InitializeParams{}
	p.WorkspaceFolders = protocol.NewNullable([]protocol.WorkspaceFolder{{URI: uri.File(s.dir), Name: "app"}})
	got, err := s.server.Initialize(t.Context(), p)
	if err == nil {
		err = s.server.Initialized(t.Context(), &protocol.InitializedParams{})
	}
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (s session) uri(name string) uri.URI { return uri.File(filepath.Join(s.dir, name)) }

func (s session) opens(t *testing.T, name, text string) {
	t.Helper()
	err := s.server.DidOpen(t.Context(), &protocol.DidOpenTextDocumentParams{TextDocument: protocol.TextDocumentItem{URI: s.uri(name), LanguageID: "javascript", Version: 1, Text: text}})
	if err != nil {
		t.Fatal(err)
	}
}

func (s session) changes(t *testing.T, name string, version int32, text string) {
	t.Helper()
	p := &protocol.DidChangeTextDocumentParams{ContentChanges: []protocol.TextDocumentContentChangeEvent{&protocol.TextDocumentContentChangeWholeDocument{Text: text}}}
	p.TextDocument.URI, p.TextDocument.Version = s.uri(name), version
	if err := s.server.DidChange(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

// next is what the server tells next of a version.
func (s session) next(t *testing.T, version int32) map[string]protocol.Diagnostic {
	t.Helper()
	for {
		select {
		case p := <-s.told:
			if v, ok := p.Version.Get(); ok && v != version {
				continue
			}
			out := map[string]protocol.Diagnostic{}
			for _, d := range p.Diagnostics {
				out[fmt.Sprint(d.Code)] = d
			}
			return out
		case <-time.After(time.Minute):
			t.Fatal("the server says nothing")
		}
	}
}

const careless = "module.exports = {\n  apps: [{\n    name: 'é', script: './server.js',\n    instances: 2,\n    exec_mode: 'cluster',\n    max_restarts: 0,\n    kill_timout: 5000,\n  }],\n};\n"

func TestSession(t *testing.T) {
	s := begin(t, config())
	caps := s.greet(t).Capabilities
	if caps.HoverProvider == nil || caps.CodeActionProvider == nil || caps.TextDocumentSync == nil {
		t.Errorf("it can do too little: %+v", caps)
	}
	const file = "ecosystem.config.js"
	if err := os.WriteFile(filepath.Join(s.dir, "server.js"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s.opens(t, file, careless)
	found := s.next(t, 1)
	typo, ok := found["K001"]
	if !ok || typo.Severity != protocol.DiagnosticSeverityError || typo.Range != (protocol.Range{Start: protocol.Position{Line: 6, Character: 4}, End: protocol.Position{Line: 6, Character: 15}}) {
		t.Fatalf("K001: %+v in %v", typo, found)
	}
	if typo.CodeDescription.Href != "https://example.org/rules/K001.md" {
		t.Errorf("its page is %s", typo.CodeDescription.Href)
	}

	at := &protocol.HoverParams{}
	at.TextDocument.URI, at.Position = s.uri(file), protocol.Position{Line: 6, Character: 8}
	hover, err := s.server.Hover(t.Context(), at)
	if err != nil || hover == nil || !strings.HasPrefix(hover.Contents.(*protocol.MarkupContent).Value, "# K001") {
		t.Errorf("hover: %+v, %v", hover, err)
	}
	at.Position = protocol.Position{Line: 0, Character: 0}
	if hover, err := s.server.Hover(t.Context(), at); err != nil || hover != nil {
		t.Errorf("hover over nothing: %+v, %v", hover, err)
	}

	ask := &protocol.CodeActionParams{Range: typo.Range, Context: protocol.CodeActionContext{Diagnostics: []protocol.Diagnostic{typo}}}
	ask.TextDocument.URI = s.uri(file)
	actions, err := s.server.CodeAction(t.Context(), ask)
	if err != nil || len(actions) != 1 {
		t.Fatalf("actions: %+v, %v", actions, err)
	}
	fix := actions[0].(*protocol.CodeAction)
	mended := applied(t, careless, fix.Edit.Changes[s.uri(file)])
	if mended != strings.Replace(careless, "kill_timout", "kill_timeout", 1) {
		t.Errorf("%q makes of it\n%s", fix.Title, mended)
	}
	s.changes(t, file, 2, mended)
	if found := s.next(t, 2); len(found) == 0 || found["K001"].Source != (protocol.Optional[string]{}) {
		t.Errorf("after the fix: %v", found)
	}

	ask.Context.Only = []protocol.CodeActionKind{"source.fixAll"}
	if actions, err := s.server.CodeAction(t.Context(), ask); err != nil || len(actions) > 1 {
		t.Errorf("fix all: %+v, %v", actions, err)
	}
	if err := s.server.DidClose(t.Context(), &protocol.DidCloseTextDocumentParams{TextDocument: protocol.TextDocumentIdentifier{URI: s.uri(file)}}); err != nil {
		t.Fatal(err)
	}
	if found := s.next(t, 0); len(found) != 0 {
		t.Errorf("after the end: %v", found)
	}
	if err := errors.Join(s.server.Shutdown(t.Context()), s.server.Exit(t.Context())); err != nil {
		t.Fatal(err)
	}
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
}

// applied makes the edits, which are apart, in a text.
func applied(t *testing.T, text string, edits []protocol.TextEdit) string {
	t.Helper()
	offset := func(p protocol.Position) int {
		lines := strings.SplitAfter(text, "\n")
		n := len(strings.Join(lines[:p.Line], ""))
		for units := uint32(0); units < p.Character; units++ { // no text here has letters beyond the first plane
			n += len(string([]rune(text[n:])[0]))
		}
		return n
	}
	for i := len(edits) - 1; i >= 0; i-- {
		text = text[:offset(edits[i].Range.Start)] + edits[i].NewText + text[offset(edits[i].Range.End):]
	}
	return text
}

// TestSupersedes holds that a text that changes ends the evaluation of the one before, and
// that only the newest is told of.
func TestSupersedes(t *testing.T) {
	cfg := config()
	inner := cfg.Evaluate
	var begun, ended atomic.Int32
	first := make(chan struct{})
	cfg.Evaluate = func(ctx context.Context, path string, text []byte, target ecosystem.Target) (*lint.Subject, error) {
		if strings.HasPrefix(string(text), "//wait") {
			begun.Add(1)
			close(first)
			<-ctx.Done()
			ended.Add(1)
			return nil, ctx.Err()
		}
		return inner(ctx, path, text, target)
	}
	s := begin(t, cfg)
	s.greet(t)
	s.opens(t, "ecosystem.config.js", "//wait\n"+careless)
	<-first
	for v := int32(2); v <= 30; v++ {
		s.changes(t, "ecosystem.config.js", v, careless)
	}
	if found := s.next(t, 30); found["K001"].Severity != protocol.DiagnosticSeverityError {
		t.Errorf("found %v", found)
	}
	if begun.Load() != 1 || ended.Load() != 1 {
		t.Errorf("%d waited, %d were ended", begun.Load(), ended.Load())
	}
}

func TestConfiguration(t *testing.T) {
	s := begin(t, config())
	s.greet(t)
	s.opens(t, "ecosystem.config.js", careless)
	if _, ok := s.next(t, 1)["K001"]; !ok {
		t.Fatal("no K001 to be left out")
	}
	set := func(settings string) {
		t.Helper()
		if err := s.server.DidChangeConfiguration(t.Context(), &protocol.DidChangeConfigurationParams{Settings: protocol.LSPAny(settings)}); err != nil {
			t.Fatal(err)
		}
	}
	set(`{"pm2drill": {"ignore": ["k001"], "severity": "error"}}`)
	for code, d := range s.next(t, 1) {
		if code == "K001" || d.Severity != protocol.DiagnosticSeverityError && code != "<nil>" {
			t.Errorf("%s is still there: %+v", code, d)
		}
	}
	for _, wrong := range []string{`{"cpus": 0}`, `{"severity": "awful"}`, `{"rule": ["Z999"]}`, `[]`} {
		set(wrong)
		if said := <-s.shown; !strings.Contains(said, "stay as they were") {
			t.Errorf("%s: %s", wrong, said)
		}
	}
}

// TestOtherFiles: what is no ecosystem file, or no file, or can not be evaluated.
func TestOtherFiles(t *testing.T) {
	s := begin(t, config())
	s.greet(t)
	s.opens(t, "server.js", careless)
	if found := s.next(t, 1); len(found) != 0 {
		t.Errorf("in a server: %v", found)
	}
	s.opens(t, "ecosystem.config.js", "const ref = 1;\nmodule.exports = { apps: [{ name: 'web', port: new WeakRef({}) }] };\n")
	d, ok := s.next(t, 1)["<nil>"]
	if !ok || d.Range.Start.Line != 1 || !strings.Contains(fmt.Sprint(d.Message), "WeakRef") {
		t.Errorf("of what is not evaluated: %+v", d)
	}
	s.opens(t, "ecosystem.json", `{"apps": [}`)
	if d, ok := s.next(t, 1)["L001"]; !ok || d.Severity != protocol.DiagnosticSeverityError {
		t.Errorf("of what is no JSON: %+v", d)
	}
}

// heard is a client's ear: it tells when something was said.
type heard struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text.Write(p)
	select {
	case h.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

// awaits waits until that was said.
func (h *heard) awaits(t *testing.T, says string) {
	t.Helper()
	for !strings.Contains(h.String(), says) {
		select {
		case <-h.more:
		case <-time.After(time.Minute):
			t.Fatalf("it says %s, want %s", h.String(), says)
		}
	}
}

// TestMalformed speaks to the server without a library.
func TestMalformed(t *testing.T) {
	frame := func(s string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(s), s) }
	hello := frame(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}`)
	bye := frame(`{"jsonrpc":"2.0","id":99,"method":"shutdown"}`) + frame(`{"jsonrpc":"2.0","method":"exit"}`)
	for _, x := range []struct{ name, in, says, last, fails string }{
		{"a request before the greeting", frame(`{"jsonrpc":"2.0","id":5,"method":"textDocument/hover","params":{}}`) + hello, `"code":-32002`, bye, ""},
		{"a second greeting", hello + hello, `"code":-32600`, bye, ""},
		{"no such method", hello + frame(`{"jsonrpc":"2.0","id":5,"method":"textDocument/fly","params":{}}`), `"id":5,"error":{"code":-32601`, bye, ""},
		{"wrong parameters", hello + frame(`{"jsonrpc":"2.0","id":5,"method":"textDocument/hover","params":[1,2]}`), `"id":5,"error"`, bye, ""},
		{"a notification that nobody knows", hello + frame(`{"jsonrpc":"2.0","method":"$/what","params":{}}`), `"id":1`, bye, ""},
		{"another that nobody knows", hello + frame(`{"jsonrpc":"2.0","method":"workspace/what","params":{}}`), `"id":1`, bye, ""},
		{"a notification with wrong parameters", hello + frame(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":7}`), `"id":1`, bye, ""},
		{"an answer to nothing", hello + frame(`{"jsonrpc":"2.0","id":77,"result":null}`), `"id":1`, bye, ""},
		{"a file that is none", hello + frame(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"untitled:1","languageId":"x","version":1,"text":"x"}}}`), `"id":1`, bye, ""},
		{"no JSON", hello, `"id":1`, frame(`{"jsonrpc":`), "cannot read"},
		{"no length", "", "", "Content-Type: x\r\n\r\n{}", "cannot read"},
		{"a length that is none", "", "", "Content-Length: many\r\n\r\n{}", "cannot read"},
		{"a text that ends early", "", "", "Content-Length: 100\r\n\r\n{}", "cannot read"},
		{"an exit without a shutdown", hello, `"id":1`, frame(`{"jsonrpc":"2.0","method":"exit"}`), "without a shutdown"},
		{"an end", hello, `"id":1`, "", ""},
		{"nothing", "", "", "", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			in, client := io.Pipe()
			out := &heard{more: make(chan struct{}, 1)}
			ended := make(chan error, 1)
			go func() {
				ended <- lsp.Serve(t.Context(), in, out, config())
				in.Close() // what is written after its end is for nobody
			}()
			say := func(s string) { _, _ = io.WriteString(client, s) }
			say(x.in)
			out.awaits(t, x.says)
			say(x.last)
			client.Close()
			err := <-ended
			if x.last == bye && !strings.Contains(out.String(), `"id":99`) {
				t.Errorf("its shutdown is not answered: %s", out.String())
			}
			if (err == nil) != (x.fails == "") || err != nil && !strings.Contains(err.Error(), x.fails) {
				t.Errorf("it ends with %v, want %q", err, x.fails)
			}
		})
	}
}

func FuzzServe(f *testing.F) {
	for _, s := range []string{`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`, `[]`, `{`, ``} {
		f.Add([]byte(fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(s), s)))
	}
	f.Fuzz(func(t *testing.T, in []byte) { // it must end, and not panic
		if len(in) < 1<<16 {
			_ = lsp.Serve(t.Context(), strings.NewReader(string(in)), io.Discard, config())
		}
	})
}

// TestSettingsAreNamedAsFlags holds the names that the README has.
func TestSettingsAreNamedAsFlags(t *testing.T) {
	text, err := json.Marshal(lsp.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cpus", "memory", "node", "pm2", "env", "os-env", "cwd", "severity", "rule", "ignore"} {
		if !strings.Contains(string(text), `"`+name+`":`) {
			t.Errorf("there is no setting %s", name)
		}
	}
}
