package tools

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
)

// served is a server at work, and its client.
type served struct {
	*mcp.ClientSession
	leave func() error  // ends the client's side at once
	stop  func()        // tells the server to end, as a signal does
	ended chan struct{} // closed when the server has returned
}

// serve serves a tool whose verb is execute to a client with these options.
func serve(t *testing.T, execute Execute, o *mcp.ClientOptions) served {
	t.Helper()
	root := &cobra.Command{Use: "pm2drill"}
	run := &cobra.Command{Use: "run", Run: func(*cobra.Command, []string) {}}
	run.Flags().String("arms", "", "`ARMS`")
	run.Flags().Int64("seed", 0, "`N`")
	run.Flags().Bool("dry-run", false, "start nothing")
	root.AddCommand(run)
	s, err := NewServer(root, []Tool{sample}, execute)
	if err != nil {
		t.Fatal(err)
	}
	requests, ask := io.Pipe()
	answers, answer := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	x := served{leave: ask.Close, stop: stop, ended: make(chan struct{})}
	go func() {
		defer close(x.ended)
		_ = s.Run(ctx, &mcp.IOTransport{Reader: requests, Writer: answer}) // the client leaves as each test wants
	}()
	x.ClientSession, err = mcp.NewClient(&mcp.Implementation{Name: "test"}, o).Connect(t.Context(), &mcp.IOTransport{Reader: answers, Writer: ask}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// call returns a call of the sample, whose progress is wanted.
func call() *mcp.CallToolParams {
	p := &mcp.CallToolParams{Name: sample.Name, Arguments: map[string]any{"names": []string{"a"}}}
	p.SetProgressToken("token")
	return p
}

// untilCancelled is a verb that runs until it is cancelled, and removes then what it started.
func untilCancelled(begun, removed chan struct{}) Execute {
	return func(ctx context.Context, _ []string, _, stderr io.Writer) int {
		close(begun)
		<-ctx.Done()
		close(removed)
		fmt.Fprintln(stderr, "interrupted; what was started has been removed")
		return cli.ExitInterrupted
	}
}

// TestProgress: each line that a verb says is told, in order, and the result has what it prints.
func TestProgress(t *testing.T) {
	told := make(chan string, 3)
	client := serve(t, func(_ context.Context, _ []string, stdout, stderr io.Writer) int {
		fmt.Fprint(stderr, "boot\nfault\nover\n")
		fmt.Fprint(stdout, `{"verdict":"kept"}`)
		return cli.ExitBroken
	}, &mcp.ClientOptions{ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
		told <- fmt.Sprintf("%g %s", r.Params.Progress, r.Params.Message)
	}})
	got, err := client.CallTool(t.Context(), call())
	if err != nil || got.IsError || fmt.Sprint(got.StructuredContent) != "map[exit_code:1 output:map[verdict:kept]]" {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, want := range []string{"1 boot", "2 fault", "3 over"} {
		if line := <-told; line != want {
			t.Errorf("told %q, want %q", line, want)
		}
	}
}

// TestToolErrors: what a verb refuses is an error of the tool, and so is output that is none.
func TestToolErrors(t *testing.T) {
	for want, execute := range map[string]Execute{
		"pm2drill run: name another (exit code 64)": func(_ context.Context, _ []string, _, stderr io.Writer) int {
			fmt.Fprintln(stderr, "pm2drill run: name another")
			return cli.ExitUsage
		},
		"half of it (exit code 0)": func(_ context.Context, _ []string, stdout, stderr io.Writer) int {
			fmt.Fprintln(stderr, "half of it")
			fmt.Fprint(stdout, `{"verdict":`)
			return cli.ExitKept
		},
	} {
		client := serve(t, execute, nil)
		got, err := client.CallTool(t.Context(), call())
		if err != nil || !got.IsError || got.Content[0].(*mcp.TextContent).Text != want {
			t.Errorf("want the error %q: %+v, %v", want, got, err)
		}
	}
}

// TestCancel: a call that the client cancels ends its verb.
func TestCancel(t *testing.T) {
	begun, removed := make(chan struct{}), make(chan struct{})
	client := serve(t, untilCancelled(begun, removed), nil)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-begun
		cancel()
	}()
	if _, err := client.CallTool(ctx, call()); err == nil {
		t.Error("the call was not cancelled")
	}
	<-removed
}

// TestEnd: when the client leaves, and when the server is told to end, its calls end first.
func TestEnd(t *testing.T) {
	for name, end := range map[string]func(served){
		"the client leaves": func(x served) { _ = x.leave() },
		"a signal":          func(x served) { x.stop() },
	} {
		begun, removed := make(chan struct{}), make(chan struct{})
		client := serve(t, untilCancelled(begun, removed), nil)
		go func() { _, _ = client.CallTool(context.Background(), call()) }()
		<-begun
		end(client)
		<-client.ended
		select {
		case <-removed:
		default:
			t.Errorf("%s: the server ended before its call", name)
		}
	}
}
