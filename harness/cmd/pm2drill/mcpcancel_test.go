package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pm2drill/pm2drill/harness/cluster"
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
	home := t.TempDir()
	owner := make(chan string, 16) // of each process of the run on this host
	o := &mcp.ClientOptions{ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
		if ctx.Err() != nil || !strings.Contains(r.Params.Message, "steady") {
			return
		}
		for pid := range processes(t, dir) {
			owner <- cluster.Owner(pid)
		}
		cancel()
	}}
	cmd := exec.Command(built(t), "mcp")
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "DOCKER_HOST="+sharedEngine(), "XDG_CACHE_HOME="+home)
	client, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, o).Connect(t.Context(), &mcp.CommandTransport{Command: cmd}, nil)
	if err != nil {
		t.Fatal(err)
	}
	call := &mcp.CallToolParams{Name: "run", Arguments: map[string]any{"names": []string{dir}, "arms": "engine"}}
	call.SetProgressToken("token")
	if _, err := client.CallTool(ctx, call); err == nil || len(owner) == 0 {
		t.Fatalf("the run was not cancelled while it had a cluster: %v", err)
	}
	v := &victim{host: sharedEngine(), owner: <-owner, home: home}
	v.label = "pm2drill.owner=" + v.owner
	for until := time.Now().Add(2 * time.Minute); v.left(t) != ""; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("two minutes after it was cancelled, there is still %s", v.left(t))
		}
	}
	if _, err := client.CallTool(t.Context(), &mcp.CallToolParams{Name: "list"}); err != nil {
		t.Errorf("the server does not go on: %v", err)
	}
	if err := client.Close(); err != nil {
		t.Errorf("the server did not end well: %v", err)
	}
}
