package release

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestFetch: the script runs what was published, and nothing else.
func TestFetch(t *testing.T) {
	for _, tool := range []string{"bash", "curl", "tar"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	dir := t.TempDir()
	script := filepath.Join(dir, "pm2drill")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho published\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	name := "pm2drill-" + runtime.GOOS + "-" + runtime.GOARCH + ".tar.gz"
	archive(t, script, dir, name)
	packed, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	right := fmt.Sprintf("%x  %s\n", sha256.Sum256(packed), name)
	wrong := fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte("another")), name)
	for _, c := range []struct {
		what, version, sums string
		code                int
		says                string
	}{
		{"as published", "v1.2.3", "0  other\n" + right, 0, ""},
		{"the newest", "latest", right, 0, ""},
		{"another checksum", "v1.2.3", wrong, 70, "the checksum of " + name},
		{"no checksum", "v1.2.3", "0  other\n", 70, "has not one line for " + name},
		{"two checksums", "v1.2.3", right + wrong, 70, "has not one line for " + name},
		{"no such release", "v9.9.9", right, 64, "v9.9.9"},
		{"no version", "main; rm -rf /", right, 64, "write it like v1.2.3"},
	} {
		t.Run(c.what, func(t *testing.T) {
			server := serve(t, map[string]string{name: string(packed), "SHA256SUMS": c.sums})
			into := filepath.Join(t.TempDir(), "bin")
			cmd := exec.Command("bash", filepath.Join(root, ".packaging/fetch.sh"), c.version, into)
			cmd.Env = append(os.Environ(), "PM2DRILL_RELEASES="+server)
			var errs strings.Builder
			cmd.Stderr = &errs
			out, _ := cmd.Output() // the exit code says it
			if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(errs.String(), c.says) {
				t.Fatalf("exit code %d, want %d: %s", code, c.code, errs.String())
			}
			_, err := os.Stat(filepath.Join(into, "pm2drill"))
			if there := err == nil; there != (c.code == 0) {
				t.Errorf("a binary is there: %v", there)
			}
			if c.code != 0 {
				return
			}
			if code, said := run(t, dir, nil, strings.TrimSpace(string(out))); code != 0 || said != "published\n" {
				t.Errorf("what was fetched: exit code %d, %q", code, said)
			}
		})
	}
}

// serve serves the files as those of the releases v1.2.3 and latest.
func serve(t *testing.T, files map[string]string) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		dir, file := filepath.Split(r.URL.Path)
		text, there := files[file]
		if !there || dir != "/download/v1.2.3/" && dir != "/latest/download/" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, text)
	}))
	t.Cleanup(s.Close)
	return s.URL
}
