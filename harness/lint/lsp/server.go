package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"sync"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/lint"
)

// Config is what a server is made of.
type Config struct {
	Version string
	Docs    string   // URL of the rules' pages, without the id
	Start   Settings // what holds until the client says otherwise
	// Target is the host that the settings describe; its error is for the user.
	Target func(Settings) (ecosystem.Target, error)
	// Wanted reports whether a text is an ecosystem file.
	Wanted func(path string, text []byte) bool
	// Evaluate evaluates a text that lies, or will lie, at the path.
	Evaluate func(ctx context.Context, path string, text []byte, t ecosystem.Target) (*lint.Subject, error)
}

// ErrNoShutdown: the client has ended the server without having asked it to shut down.
var ErrNoShutdown = errors.New("the client left without a shutdown request")

// atOnce is how many evaluations run at once.
const atOnce = 2

// Serve serves one client until it says exit or its input ends. Input that is no message
// ends it with an error; a message that cannot be understood is answered with one.
func Serve(ctx context.Context, in io.Reader, out io.Writer, cfg Config) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := &server{ctx: ctx, calls: map[string]context.CancelFunc{}, cfg: cfg, settings: cfg.Start, open: map[uri.URI]*document{}, slots: make(chan struct{}, atOnce), gone: make(chan struct{})}
	ways := pipes{in, out, make(chan struct{})}
	conn := jsonrpc2.NewConn(jsonrpc2.NewStream(ways), jsonrpc2.WithCodec(codec{}))
	s.client = protocol.ClientDispatcher(conn)
	conn.Go(ctx, s.handleInOrder(protocol.ServerHandler(s, jsonrpc2.MethodNotFoundHandler)))
	select {
	case <-conn.Done():
	case <-ctx.Done():
	case <-s.gone:
		go conn.Close() // it waits for stdin, too, which may stay open
		<-ways.closed
	}
	stop()
	s.work.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch err := conn.Err(); {
	case s.shut:
		return nil
	case s.left:
		return ErrNoShutdown
	case err != nil && !errors.Is(err, io.EOF):
		return fmt.Errorf("cannot read from the client: %w", err)
	}
	return nil
}

// pipes are stdin and stdout. Their ends are the caller's to close; closed tells that all
// requests are answered.
type pipes struct {
	io.Reader
	io.Writer
	closed chan struct{}
}

// Close is called once.
func (p pipes) Close() error {
	close(p.closed)
	return nil
}

// handleInOrder handles notifications one after the other, since the newest text must
// win, and requests beside them. Nothing is served before the client has introduced
// itself, and nothing but its exit after the shutdown. A handler gets a context of the
// server's: the library's own is used again for another request as soon as its is
// answered, and a context that was made of it then panics (go.lsp.dev/jsonrpc2 v1.0.1,
// conn.go:311, as its CancelHandler does).
func (s *server) handleInOrder(handle jsonrpc2.Handler) jsonrpc2.Handler {
	return func(ctx context.Context, req *jsonrpc2.Request) (any, error) {
		s.mu.Lock()
		ready, shut := s.ready, s.shut
		s.mu.Unlock()
		switch method := req.Method(); {
		case method == protocol.MethodExit:
		case method == protocol.MethodInitialize && ready, shut:
			return nil, jsonrpc2.Errorf(jsonrpc2.InvalidRequest, "%s does not belong here", method)
		case method == protocol.MethodInitialize:
		case !ready:
			return nil, jsonrpc2.Errorf(jsonrpc2.ServerNotInitialized, "%s before initialize", method)
		case method == protocol.MethodCancelRequest:
			return nil, s.cancelCall(req.Params())
		case req.IsCall() && method != protocol.MethodShutdown: // an exit follows that
			jsonrpc2.Async(ctx)
			own, done := s.beginCall(formatID(req))
			defer done()
			return handle(own, req)
		}
		result, err := handle(s.ctx, req)
		if !req.IsCall() {
			return nil, nil // nobody waits for an answer to a notification
		}
		return result, err
	}
}

// beginCall has a request be one that the client may cancel.
func (s *server) beginCall(id string) (ctx context.Context, done func()) {
	ctx, cancel := context.WithCancel(s.ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[id] = cancel
	return ctx, func() {
		cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.calls, id)
	}
}

// cancelCall cancels a request, if it is still under way.
func (s *server) cancelCall(params []byte) error {
	var p struct {
		ID json.RawMessage `json:"id"`
	}
	if err := json.Unmarshal(params, &p); err != nil {
		return jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.calls[string(p.ID)]; cancel != nil {
		cancel()
	}
	return nil
}

// formatID returns a request's id as JSON.
func formatID(req *jsonrpc2.Request) string {
	id := req.ID()
	if n, ok := id.Number(); ok {
		return strconv.FormatInt(n, 10)
	}
	text, _ := id.StringValue()
	return strconv.Quote(text)
}

// codec writes the protocol's types by the protocol's own rules.
type codec struct{}

func (codec) Marshal(v any) ([]byte, error) {
	if raw, ok := v.(jsonrpc2.RawMessage); ok && raw != nil {
		return raw, nil
	}
	return protocol.Marshal(v)
}

func (codec) Unmarshal(data []byte, v any) error {
	if raw, ok := v.(*jsonrpc2.RawMessage); ok {
		*raw = append((*raw)[:0], data...)
		return nil
	}
	return protocol.Unmarshal(data, v)
}

// server serves one client.
type server struct {
	protocol.UnimplementedServer
	ctx    context.Context // that all it does ends with
	cfg    Config
	client protocol.Client
	slots  chan struct{} // of evaluations
	work   sync.WaitGroup
	gone   chan struct{} // closed when the client says exit

	mu         sync.Mutex
	calls      map[string]context.CancelFunc // requests under way, by id
	settings   Settings
	open       map[uri.URI]*document
	folders    []string // of the workspace
	ready      bool     // the client has introduced itself
	shut, left bool
}

func (s *server) Initialize(_ context.Context, p *protocol.InitializeParams) (*protocol.InitializeResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if given, ok := p.WorkspaceFolders.Get(); ok {
		for _, f := range given {
			s.folders = append(s.folders, parsePath(f.URI))
		}
	}
	if err := s.set(p.InitializationOptions); err != nil {
		return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "initializationOptions: %v", err)
	}
	s.ready = true
	yes, whole := true, protocol.TextDocumentSyncKindFull
	return &protocol.InitializeResult{
		ServerInfo: protocol.ServerInfo{Name: "pm2drill", Version: protocol.NewOptional(s.cfg.Version)},
		Capabilities: protocol.ServerCapabilities{
			TextDocumentSync:   &protocol.TextDocumentSyncOptions{OpenClose: &yes, Change: &whole, Save: &protocol.SaveOptions{}},
			HoverProvider:      protocol.Boolean(true),
			CodeActionProvider: &protocol.CodeActionOptions{CodeActionKinds: []protocol.CodeActionKind{protocol.CodeActionKindQuickFix, fixAll}},
		},
	}, nil
}

func (s *server) Initialized(context.Context, *protocol.InitializedParams) error { return nil }
func (s *server) SetTrace(context.Context, *protocol.SetTraceParams) error       { return nil }

func (s *server) Shutdown(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut = true
	for _, d := range s.open {
		d.supersede()
	}
	return nil
}

func (s *server) Exit(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.left {
		s.left = true
		close(s.gone)
	}
	return nil
}

// DidChangeConfiguration takes new settings, and looks at every open file anew.
func (s *server) DidChangeConfiguration(ctx context.Context, p *protocol.DidChangeConfigurationParams) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.set(p.Settings); err != nil {
		return s.client.ShowMessage(ctx, &protocol.ShowMessageParams{Type: protocol.MessageTypeError, Message: "pm2drill: the settings stay as they were: " + err.Error()})
	}
	for _, d := range s.open {
		s.look(d)
	}
	return nil
}

func (s *server) DidOpen(_ context.Context, p *protocol.DidOpenTextDocumentParams) error {
	return s.updateText(p.TextDocument.URI, p.TextDocument.Version, p.TextDocument.Text)
}

// DidChange takes the newest text: the server asks for whole ones.
func (s *server) DidChange(_ context.Context, p *protocol.DidChangeTextDocumentParams) error {
	if len(p.ContentChanges) == 0 {
		return nil
	}
	whole, ok := p.ContentChanges[len(p.ContentChanges)-1].(*protocol.TextDocumentContentChangeWholeDocument)
	if !ok {
		return jsonrpc2.Errorf(jsonrpc2.InvalidParams, "a change of a part of a text, where the whole was asked for")
	}
	return s.updateText(p.TextDocument.URI, p.TextDocument.Version, whole.Text)
}

// DidSave looks at the file anew: what it requires may have changed, too.
func (s *server) DidSave(_ context.Context, p *protocol.DidSaveTextDocumentParams) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.open[p.TextDocument.URI]; d != nil {
		s.look(d)
	}
	return nil
}

// DidClose takes what was found from the editor's list.
func (s *server) DidClose(ctx context.Context, p *protocol.DidCloseTextDocumentParams) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.open[p.TextDocument.URI]
	if d == nil {
		return nil
	}
	d.supersede()
	delete(s.open, p.TextDocument.URI)
	return s.client.PublishDiagnostics(ctx, &protocol.PublishDiagnosticsParams{URI: p.TextDocument.URI, Diagnostics: []protocol.Diagnostic{}})
}

// parsePath returns the path that a URI names; "" for one that is of no file.
func parsePath(u uri.URI) string {
	if !u.IsFile() {
		return ""
	}
	return filepath.Clean(u.FsPath())
}
