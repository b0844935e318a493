package cluster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDockerOverSSH drives an engine by ssh://, with an ssh that connects to this machine, and
// no engine of the environment: a container is started and a stream's stdin is closed, which
// takes a connection of which one half is closed.
func TestDockerOverSSH(t *testing.T) {
	connect(t).Close()
	bin := t.TempDir()
	ssh := "#!/bin/sh\necho \"$@\" >>\"$SSH_CALLS\"\nfor last; do :; done\nunset DOCKER_HOST\nexec sh -c \"$last\"\n"
	if err := os.WriteFile(filepath.Join(bin, "ssh"), []byte(ssh), 0o755); err != nil {
		t.Fatal(err)
	}
	calls := filepath.Join(bin, "calls")
	t.Setenv("SSH_CALLS", calls)
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	t.Setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
	d, err := ConnectTo(t.Context(), "ssh://somebody@far.example:2222")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	images, err := d.Images(t.Context(), os.Getenv("NODE"), os.Getenv("PM2"))
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, d, Spec{Images: images})
	out, err := c.Exec(t.Context(), "sh", "-c", "cat; echo heard")
	if err != nil || out.Code != 0 || out.Stdout != "heard\n" {
		t.Errorf("%+v (%v)", out, err)
	}
	if text, err := os.ReadFile(calls); err != nil || !strings.Contains(string(text), "-l somebody -p 2222") || !strings.Contains(string(text), "far.example") {
		t.Errorf("ssh was called with %q (%v)", text, err)
	}
	if d.Address() != "ssh://somebody@far.example:2222" || os.Getenv("DOCKER_HOST") != "tcp://127.0.0.1:1" {
		t.Errorf("address %s, DOCKER_HOST %s", d.Address(), os.Getenv("DOCKER_HOST"))
	}
}
