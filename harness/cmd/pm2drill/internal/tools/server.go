package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
)

// Execute runs a command line of pm2drill and returns its exit code.
type Execute func(ctx context.Context, args []string, stdout, stderr io.Writer) int

// Server answers clients. It is made by NewServer.
type Server struct {
	mcp     *mcp.Server
	execute Execute
	calls   sync.WaitGroup
	ended   context.Context // done when Run is to end
	end     context.CancelFunc
	turn    chan struct{} // held by a tool that runs alone
}

// result is what a tool returns.
type result struct {
	ExitCode int             `json:"exit_code"`
	Output   json.RawMessage `json:"output"`
}

// NewServer returns a server of these tools, whose verbs root has.
func NewServer(root *cobra.Command, all []Tool, execute Execute) (*Server, error) {
	s := &Server{execute: execute, turn: make(chan struct{}, 1)}
	s.ended, s.end = context.WithCancel(context.Background())
	s.mcp = mcp.NewServer(&mcp.Implementation{Name: "pm2drill", Title: root.Short, Version: root.Version}, &mcp.ServerOptions{
		Instructions: root.Long, Capabilities: &mcp.ServerCapabilities{},
	})
	for _, t := range all {
		verb, _, err := root.Find([]string{t.Verb})
		if err != nil {
			return nil, fmt.Errorf("cannot offer the tool %s: %w", t.Name, err)
		}
		output, err := t.buildOutput()
		if err != nil {
			return nil, err
		}
		s.mcp.AddTool(&mcp.Tool{
			Name: t.Name, Title: verb.Short, Description: t.About, InputSchema: t.buildInput(verb), OutputSchema: output,
			Annotations: &mcp.ToolAnnotations{ReadOnlyHint: !t.Changes, DestructiveHint: new(bool)},
		}, func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return s.call(ctx, t, req)
		})
	}
	return s, nil
}

// Run serves one client until it leaves or ctx is done. It returns when every call has ended
// and has removed what it started.
func (s *Server) Run(ctx context.Context, transport mcp.Transport) error {
	defer context.AfterFunc(ctx, s.end)() // the SDK waits for calls, and cancels them only when the client leaves
	err := s.mcp.Run(ctx, transport)
	s.calls.Wait()
	if err != nil {
		return fmt.Errorf("cannot serve the client: %w", err)
	}
	return nil
}

// call runs a tool's verb. What the verb refuses is an error of the tool, in the words of the
// verb.
func (s *Server) call(ctx context.Context, t Tool, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	s.calls.Add(1)
	defer s.calls.Done()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(s.ended, stop)()
	args, err := t.buildArgs(req.Params.Arguments)
	if err != nil {
		return newToolError(err.Error()), nil
	}
	if t.Alone {
		select {
		case s.turn <- struct{}{}:
			defer func() { <-s.turn }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	var stdout bytes.Buffer
	stderr := &progress{send: func(n int, line string) {
		if token := req.Params.GetProgressToken(); token != nil && ctx.Err() == nil {
			// A client that cannot be told of progress may still get the result.
			_ = req.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: token, Progress: float64(n), Message: line})
		}
	}}
	code := s.execute(ctx, args, &stdout, stderr)
	if code > cli.ExitInconclusive || !json.Valid(stdout.Bytes()) {
		return newToolError(fmt.Sprintf("%s (exit code %d)", strings.Join(stderr.tail, "\n"), code)), nil
	}
	out := result{code, stdout.Bytes()}
	text, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("cannot return the result of %s: %w", t.Name, err)
	}
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: string(text)}}, StructuredContent: out}, nil
}

func newToolError(text string) *mcp.CallToolResult {
	return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: text}}}
}

// mostLines is how many lines of what a verb has said an error of its tool repeats.
const mostLines = 5

// progress sends each line that is written to it.
type progress struct {
	mu   sync.Mutex
	send func(n int, line string) // n counts from 1
	n    int
	rest []byte
	tail []string // the last lines
}

func (p *progress) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = append(p.rest, b...)
	for {
		line, rest, found := bytes.Cut(p.rest, []byte("\n"))
		if !found {
			return len(b), nil
		}
		p.rest = rest
		text := strings.TrimSpace(string(line))
		if text == "" {
			continue
		}
		p.n++
		p.tail = append(p.tail[max(0, len(p.tail)-mostLines+1):], text)
		p.send(p.n, text)
	}
}
