package cluster

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/moby/moby/client"

	"github.com/pm2drill/pm2drill/harness/host"
)

// departed is an owner whose process is gone.
func departed(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	owner := Owner(cmd.Process.Pid)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	return owner
}

// TestProcessesOfTheDead: what a dead owner's process has started is ended, with its
// children and whatever session they are in; what a living one's has is not.
func TestProcessesOfTheDead(t *testing.T) {
	gone, here := Intent{owner: departed(t)}, Intent{owner: Owner(os.Getpid())}
	var pids []int
	for _, i := range []Intent{gone, here} {
		cmd := i.command(t.Context(), "sh", "-c", "setsid sleep 61 & echo; wait")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		go func() { _ = cmd.Wait() }() // a zombie would count as one that is there
		if _, err := out.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		children, err := host.Children(cmd.Process.Pid)
		if err != nil || len(children) != 1 {
			t.Fatalf("%d children (%v)", len(children), err)
		}
		pids = append(pids, cmd.Process.Pid, children[0])
	}
	n, err := remove(t.Context(), processes, func(owner string) bool { return owner == gone.owner && dead(owner) })
	if n != 2 || err != nil {
		t.Errorf("ended %d processes, want 2 (%v)", n, err)
	}
	found, err := host.WithVariable(variable)
	if err != nil || found[pids[2]] != here.owner || found[pids[3]] != here.owner {
		t.Errorf("the living owner's processes are gone: %v (%v)", found, err)
	}
	if n, err := remove(t.Context(), processes, func(owner string) bool { return owner == here.owner }); n != 2 || err != nil {
		t.Errorf("ended %d processes, want 2 (%v)", n, err)
	}
}

// TestFoldersOfTheDead: a dead owner's folder goes, but one that tells of another engine
// is kept, and doctor is told of that engine.
func TestFoldersOfTheDead(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	api, err := client.New(client.WithHost("tcp://127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	d := &Docker{api: api}
	gone, other, here := departed(t), departed(t), Owner(os.Getpid())
	for owner, engine := range map[string]string{gone: d.api.DaemonHost(), other: "unix:///elsewhere.sock", here: d.api.DaemonHost()} {
		if err := declare(owner, engine); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folderOf(owner), "modules.tar"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := remove(t.Context(), d.folders, dead); n != 1 || err != nil {
		t.Errorf("removed %d folders, want 1 (%v)", n, err)
	}
	left, err := declared()
	if _, kept := left[here]; err != nil || len(left) != 2 || !kept || left[other] != "unix:///elsewhere.sock" {
		t.Errorf("left: %v (%v)", left, err)
	}
}
