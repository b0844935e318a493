package field

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/pm2drill/pm2drill/fixtures"
)

// TestField runs every case, or those that -run selects: TestField/hangs-at-boot.
// PM2DRILL_FIELD_TEST=1 asks for it, PM2DRILL_FIELD_PM2 is PM2's script and
// PM2DRILL_FIELD_OUT the folder for results; `make test-field` sets them.
func TestField(t *testing.T) {
	if os.Getenv("PM2DRILL_FIELD_TEST") == "" {
		t.Skip("PM2DRILL_FIELD_TEST is not set: `make test-field` runs this for many minutes on this host")
	}
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second signal ends the test at once
	tools := findTools(t)
	out := must(filepath.Abs(cmp.Or(os.Getenv("PM2DRILL_FIELD_OUT"), "../../.cache/field/last")))(t)
	var mu sync.Mutex
	var all []Verdict
	t.Cleanup(func() {
		slices.SortFunc(all, func(a, b Verdict) int { return cmp.Compare(a.Case, b.Case) })
		if len(all) == 0 {
			t.Error("no case was run")
		}
		var text bytes.Buffer
		if err := Table(&text, all); err != nil {
			t.Error(err)
		}
		fmt.Printf("\n%s", text.String())
		write(t, filepath.Join(out, "field.json"), all)
	})
	for i, c := range cases() {
		t.Run(c.Name, func(t *testing.T) {
			if !c.Busy { // those run one by one, before the others begin
				t.Parallel()
			}
			if ctx.Err() != nil {
				t.Skip("interrupted")
			}
			alone, with, err := Do(ctx, tools, c, strconv.Itoa(i))
			if err != nil {
				t.Fatal(err)
			}
			v := Judge(c, alone, with)
			mu.Lock()
			all = append(all, v)
			mu.Unlock()
			folder := strings.ReplaceAll(c.Name, "/", "_")
			write(t, filepath.Join(out, folder+".json"), struct {
				Verdict     Verdict
				Alone, With any
			}{v, kept(alone), kept(with)})
			if v.Void != "" {
				t.Errorf("it proves nothing: %s", v.Void)
			}
			for _, b := range v.Noisy {
				t.Errorf("it proves nothing, the host is too noisy (%.1f s): %s", v.Lag, b)
			}
			for _, b := range v.Broken {
				t.Error(b)
			}
		})
	}
}

// kept is what people read of a record: all but the requests.
func kept(r *Record) *Record {
	slim := *r
	slim.Requests = nil
	return &slim
}

func write(t *testing.T, path string, v any) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// findTools finds the programs and makes the run's folder, which is removed with all that
// runs in it, however the test ends.
func findTools(t *testing.T) Tools {
	node := must(exec.LookPath("node"))(t)
	node = must(filepath.EvalSymlinks(node))(t)
	dir := must(os.MkdirTemp("", "f"))(t) // short: a Unix socket's path has room for 107 bytes
	release := must(Guard(dir))(t)
	t.Cleanup(func() {
		if err := release(); err != nil {
			t.Error(err)
		}
	})
	pm2 := os.Getenv("PM2DRILL_FIELD_PM2")
	if _, err := os.Stat(pm2); err != nil {
		t.Fatalf("PM2DRILL_FIELD_PM2 must be PM2's script: %v", err)
	}
	binary := must(filepath.Abs(cmp.Or(os.Getenv("PM2DRILL_FIELD_ENGINE"), "../../bin/pm2drill")))(t)
	if _, err := os.Stat(binary); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	next := 20000 + 100*rand.IntN(100)
	return Tools{
		Node: node, PM2: pm2, Engine: binary, Dir: dir,
		Apps: func(app string) fs.FS {
			folder, err := fs.Sub(fixtures.Apps(), "field/"+app)
			if err != nil {
				t.Error(err)
			}
			return folder
		},
		Ports: func() (int, error) {
			mu.Lock()
			defer mu.Unlock()
			for ; next < 32768; next++ {
				l, err := net.Listen("tcp", fmt.Sprintf(":%d", next))
				if err == nil {
					next++
					return next - 1, l.Close()
				}
			}
			return 0, fmt.Errorf("cannot find a free port below 32768")
		},
	}
}
