package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestHides(t *testing.T) {
	for folder, want := range map[string]bool{"/": true, "/usr/bin": true, "/usr/src/app": false, "/opt": true, "/opt/app": false, "/srv/app": false, "/home/x/y": false, "/tmp": true, "/tmp/x": false, "/proc/1/cwd": true} {
		if got := isHiding(folder); got != want {
			t.Errorf("hides(%q) = %v", folder, got)
		}
	}
}

// TestDockerCell tries in a cell what code may try that nobody trusts.
func TestDockerCell(t *testing.T) {
	d := connect(t)
	images, err := d.Images(t.Context(), os.Getenv("NODE"), os.Getenv("PM2"))
	if err != nil {
		t.Fatal(err)
	}
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "secret.txt"), []byte("read me\n"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.NewCell(t.Context(), CellSpec{Run: fmt.Sprintf("test-%d-%d", os.Getpid(), time.Now().UnixNano()), Image: images.Node, Folder: folder,
		Limits: CellLimits{Memory: 128 << 20, Processes: 32, Output: 1 << 20, Within: 5 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	for _, x := range []struct {
		name, sh string
		want     func(CellEnd) bool
	}{
		{"reads the folder", "cat secret.txt; cat", func(e CellEnd) bool { return string(e.Stdout) == "read me\nstdin" && e.Code == 0 }},
		{"writes in the folder", "touch x", func(e CellEnd) bool { return strings.Contains(e.Stderr, "Read-only") }},
		{"writes elsewhere", "touch /home/node/x /x", func(e CellEnd) bool { return strings.Count(e.Stderr, "Read-only") == 2 }},
		{"fills a disk", "head -c 100000000 /dev/zero >/tmp/x", func(e CellEnd) bool { return strings.Contains(e.Stderr, "No space left") }},
		{"is nobody", "id -u; grep CapEff /proc/self/status", func(e CellEnd) bool { return string(e.Stdout) == "1000\nCapEff:\t0000000000000000\n" }},
		{"uses the network", "node -e 'require(\"net\").connect(80, \"127.0.0.1\").on(\"error\", e => console.log(e.code)); require(\"net\").connect(80, \"10.0.0.1\").on(\"error\", e => console.log(e.code))'",
			func(e CellEnd) bool {
				return strings.Contains(string(e.Stdout), "ENETUNREACH") && strings.Contains(string(e.Stdout), "ECONNREFUSED")
			}},
		{"loops", "while :; do :; done", func(e CellEnd) bool { return e.Late && e.Spent > 0 }},
		{"waits", "tail -f /dev/null", func(e CellEnd) bool { return e.Late && e.Spent < 2*time.Second }},
		{"prints a gigabyte", "head -c 1000000000 /dev/zero", func(e CellEnd) bool { return e.Flooded && len(e.Stdout) <= 1<<20 }},
		{"takes memory", "node -e 'const a = []; for (;;) a.push(Buffer.alloc(1 << 20, 1))'", func(e CellEnd) bool { return e.Starved }},
		{"forks", "f() { f | f & }; f; wait; tail -f /dev/null", func(e CellEnd) bool { return e.Late || strings.Contains(e.Stderr, "fork") }},
	} {
		began := time.Now()
		end, err := c.Exec(t.Context(), []string{"sh", "-c", x.sh}, []byte("stdin"))
		if err != nil || !x.want(end) {
			t.Errorf("%s: %v, %+v, %.200q", x.name, err, end.Code, string(end.Stdout)+end.Stderr)
		}
		t.Logf("%s: %v", x.name, time.Since(began).Round(time.Millisecond))
	}
}
