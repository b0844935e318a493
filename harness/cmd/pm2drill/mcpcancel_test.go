package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestDockerToolIsCancelled cancels a run that a client has asked for, once its cluster is
// there: nothing of it is left, while the server goes on.
func TestDockerToolIsCancelled(t *testing.T) {
	dir, err := filepath.Abs("testdata/quick")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begun := false
	o := &mcp.ClientOptions{ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
		if strings.Contains(r.Params.Message, "steady") {
			begun = true
			cancel()
		}
	}}
	cmd := exec.Command(built(t), "mcp")
	cmd.Dir = t.TempDir()
	client, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, o).Connect(t.Context(), &mcp.CommandTransport{Command: cmd}, nil)
	if err != nil {
		t.Fatal(err)
	}
	call := &mcp.CallToolParams{Name: "run", Arguments: map[string]any{"names": []string{dir}, "arms": "engine"}}
	call.SetProgressToken("token")
	if _, err := client.CallTool(ctx, call); err == nil || !begun {
		t.Fatalf("the run was not cancelled while it had a cluster: %v", err)
	}
	// The run is a child of the server; once it has ended, what it made has gone.
	for until := time.Now().Add(2 * time.Minute); len(processes(t, dir)) > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("two minutes after it was cancelled, the run goes on: %v", processes(t, dir))
		}
	}
	if _, err := client.CallTool(t.Context(), &mcp.CallToolParams{Name: "list"}); err != nil {
		t.Errorf("the server does not go on: %v", err)
	}
	if err := client.Close(); err != nil {
		t.Errorf("the server did not end well: %v", err)
	}
}
