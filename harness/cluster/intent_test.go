package cluster

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

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
		cmd := i.newCommand(t.Context(), "sh", "-c", "setsid sleep 61 & echo; wait")
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
	n, err := remove(t.Context(), listProcesses, func(owner string) bool { return owner == gone.owner && isDead(owner) })
	if n != 2 || err != nil {
		t.Errorf("ended %d processes, want 2 (%v)", n, err)
	}
	found, err := host.WithVariable(variable)
	if err != nil || found[pids[2]] != here.owner || found[pids[3]] != here.owner {
		t.Errorf("the living owner's processes are gone: %v (%v)", found, err)
	}
	if n, err := remove(t.Context(), listProcesses, func(owner string) bool { return owner == here.owner }); n != 2 || err != nil {
		t.Errorf("ended %d processes, want 2 (%v)", n, err)
	}
}

// TestFoldersOfTheDead: a dead owner's folder goes, but what tells of another engine is kept,
// and doctor is told of that engine.
func TestFoldersOfTheDead(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	const elsewhere = "unix:///elsewhere.sock"
	d := &Docker{address: "tcp://127.0.0.1:1"}
	gone, other, both, here := departed(t), departed(t), departed(t), Owner(os.Getpid())
	for owner, engines := range map[string][]string{gone: {d.address}, other: {elsewhere}, both: {d.address, elsewhere}, here: {d.address}} {
		if err := declare(owner, engines...); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(findFolder(owner), "modules.tar"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := remove(t.Context(), d.listFolders, isDead); n != 2 || err != nil {
		t.Errorf("removed or shortened %d folders, want 2 (%v)", n, err)
	}
	left, err := listDeclared()
	want := map[string][]string{here: {d.address}, other: {elsewhere}, both: {elsewhere}}
	if err != nil || !maps.EqualFunc(left, want, slices.Equal) {
		t.Errorf("left: %v, want %v (%v)", left, want, err)
	}
}
