package cluster

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/moby/moby/client"

	"github.com/pm2drill/pm2drill/fixtures"
)

// connect gives a Docker test its engine, or skips it.
func connect(t *testing.T) *Docker {
	t.Helper()
	if os.Getenv("PM2DRILL_DOCKER_TEST") == "" {
		t.Skip("set PM2DRILL_DOCKER_TEST=1 to run against Docker; make test-docker does")
	}
	d, err := Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// start brings up a two-worker app from an image.
func start(t *testing.T, d *Docker, spec Spec) *Cluster {
	t.Helper()
	spec.Run = fmt.Sprintf("test-%d-%d", os.Getpid(), time.Now().UnixNano())
	spec.Layout.Folder = "app"
	spec.Plain = fstest.MapFS{
		"app/server.js":           {Data: []byte(`require('http').createServer((q, r) => r.end('ok')).listen(3000)`)},
		"app/ecosystem.config.js": {Data: []byte(`module.exports = {apps: [{name: 'app', script: '/srv/app/server.js', instances: 2, exec_mode: 'cluster'}]}`)},
	}
	spec.Binary = "/bin/true"
	c, err := d.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c
}

// TestDockerImage is the smoke test that every image must pass, whichever route
// it was built by. IMAGE names the one to look at; the newest is the default.
func TestDockerImage(t *testing.T) {
	d := connect(t)
	images, err := d.Images(t.Context(), os.Getenv("NODE"), os.Getenv("PM2"))
	if err != nil {
		t.Fatal(err)
	}
	image, node, pm2 := images.Node, images.NodeVersion, images.PM2Version
	if other := os.Getenv("IMAGE"); other != "" {
		image = other
	}
	c := start(t, d, Spec{Images: Images{Node: image}})
	if err := c.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	for cmd, want := range map[string]string{
		"node --version":                      "v" + node,
		"pm2 --version":                       pm2,
		"id -un; id -u":                       "node\n1000",
		"echo $HOME $PM2_HOME":                "/home/node /home/node/.pm2",
		"ss -V":                               "iproute2",
		"ps --version":                        "procps",
		"cat /proc/self/stat":                 "(cat)",
		"touch /srv/flags/x && echo writable": "writable",
		"touch /run/x || echo roots":          "roots",
		"node -e \"require('/srv/node_modules/redis')\" && echo module":                                           "module",
		"until ss -tln | grep -q :3000; do sleep 0.05; done; pm2 jlist | grep -o '\"status\":\"online\"' | wc -l": "2",
		"node -e \"fetch('http://127.0.0.1:3000').then(r=>r.text()).then(console.log)\"":                          "ok",
	} {
		out, err := c.Exec(t.Context(), "sh", "-c", cmd)
		if err != nil {
			t.Fatal(err)
		}
		if out.Code != 0 || !strings.Contains(out.Stdout, want) {
			t.Errorf("%s: exit code %d, %q lacks %q: %s", cmd, out.Code, out.Stdout, want, out.Stderr)
		}
	}
}

func TestDockerRedisStopsAndStarts(t *testing.T) {
	d := connect(t)
	images, err := d.Images(t.Context(), os.Getenv("NODE"), os.Getenv("PM2"))
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, d, Spec{Images: images, Server: Redis})
	reach := func() int {
		out, err := c.Exec(t.Context(), "node", "-e",
			"require('net').connect(6379,'127.0.0.1').on('connect',()=>process.exit(0)).on('error',()=>process.exit(1))")
		if err != nil {
			t.Fatal(err)
		}
		return out.Code
	}
	for range 2 {
		if reach() != 0 {
			t.Error("the cluster cannot reach its Redis server")
		}
		if err := c.StopServer(t.Context()); err != nil {
			t.Fatal(err)
		}
		if reach() == 0 {
			t.Error("the cluster still reaches the stopped Redis server")
		}
		if err := c.StartServer(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDockerStreamEndsWithItsStdin(t *testing.T) {
	d := connect(t)
	images, err := d.Images(t.Context(), os.Getenv("NODE"), os.Getenv("PM2"))
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, d, Spec{Images: Images{Node: images.Node}})
	s, err := c.Stream(t.Context(), StreamSpec{Cmd: []string{"sh", "-c", "cat; echo $X >&2; exit 3"}, Env: map[string]string{"X": "env"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(s.Stdin, "hello\n"); err != nil {
		t.Fatal(err)
	}
	if err := s.Stdin.Close(); err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(s.Stdout)
	if err != nil {
		t.Fatal(err)
	}
	code, err := s.Wait(t.Context())
	if err != nil || code != 3 || string(said) != "hello\n" || strings.TrimSpace(s.Stderr()) != "env" {
		t.Errorf("exit code %d, stdout %q, stderr %q (%v)", code, said, s.Stderr(), err)
	}
}

func TestDockerFailedStartLeavesNothing(t *testing.T) {
	d := connect(t)
	run := fmt.Sprintf("test-%d-fails", os.Getpid())
	images, err := d.Images(t.Context(), os.Getenv("NODE"), os.Getenv("PM2"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Start(t.Context(), Spec{Run: run, Images: images, Apps: &fixtures.Bundle{}, App: "nosuch", Binary: "/bin/true"})
	if err == nil {
		t.Error("started a cluster without an app")
	}
	left, err := d.api.ContainerList(t.Context(), client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("label", labelRun+"="+run)})
	if err != nil || len(left.Items) != 0 {
		t.Errorf("left %d containers (%v)", len(left.Items), err)
	}
}
