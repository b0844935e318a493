package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// TestDockerSecretsStayOutOfReports rehearses apps that hold secrets, print them, and die
// of errors that quote them, and looks for the secrets in all that a rehearsal says and
// leaves: report.html, the JSON of it, the summary, junit.xml, the evidence, the patch.
func TestDockerSecretsStayOutOfReports(t *testing.T) {
	binary := built(t)
	files, err := fs.Glob(plantedFiles, "testdata/planted/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing is planted: %v", err)
	}
	for _, file := range files {
		set := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(set+" of an app that serves", func(t *testing.T) {
			rehearseSecrets(t, binary, file, nil)
		})
		t.Run(set+" of an app that dies at boot", func(t *testing.T) {
			rehearseSecrets(t, binary, file, map[string]string{"boom": ""})
		})
	}
}

// rehearseSecrets rehearses one app of testdata/planted with more files of its own.
func rehearseSecrets(t *testing.T, binary, file string, more map[string]string) {
	content, secrets := planted(t, file)
	for name, text := range more {
		content[name] = text
	}
	app, out := filepath.Join(t.TempDir(), "app"), filepath.Join(t.TempDir(), "report")
	plant(t, app, content)
	cmd := exec.Command(binary, "validate", "--rehearse", "--acts", "reload", "--slow", "0s", "--out", out,
		filepath.Join(app, "ecosystem.config.js"))
	said, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() > 2) {
		t.Fatalf("%v: %s", err, said)
	}
	all := map[string][]byte{"what it says": said}
	err = filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if more != nil && errors.Is(err, fs.ErrNotExist) {
				return nil // an app that never serves has no report
			}
			return err
		}
		all[path], err = os.ReadFile(path)
		if err == nil && strings.HasSuffix(path, evidence.Packed) {
			all[path], err = gunzip(bytes.NewReader(all[path]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range all {
		for i, text := range append(packedInto(t, text), text) {
			if got := leaked(text, secrets); len(got) > 0 {
				t.Errorf("%s, part %d, has %d of %d secrets: %q", name, i, len(got), len(secrets), got)
			}
		}
	}
	t.Logf("%d files: %s", len(all), said)
	if len(more) > 0 && !bytes.Contains(said, []byte("BootError")) {
		t.Errorf("the app's error is not told: %s", said)
	}
	if page := all[filepath.Join(out, "report.html")]; len(more) == 0 && len(packedInto(t, page)) == 0 {
		t.Error("the page of the rehearsal carries no drill: nothing was looked at")
	}
}

// packedInto are the texts that a page carries compressed.
func packedInto(t *testing.T, page []byte) [][]byte {
	t.Helper()
	var out [][]byte
	for _, m := range regexp.MustCompile(`application/gzip"[^<>]*>([A-Za-z0-9+/=]+)</script>`).FindAllSubmatch(page, -1) {
		raw, err := gunzip(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(m[1])))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, raw)
	}
	return out
}

// gunzip reads all that was compressed.
func gunzip(in io.Reader) ([]byte, error) {
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
