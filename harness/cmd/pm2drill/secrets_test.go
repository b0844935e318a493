package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

//go:embed testdata/planted
var plantedFiles embed.FS

// planted are the files of testdata/planted/NAME.txt without the marks round their secrets,
// and the secrets.
func planted(t *testing.T, file string) (files map[string]string, secrets []string) {
	t.Helper()
	raw, err := plantedFiles.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for _, f := range txtar.Parse(raw).Files {
		text := string(f.Data)
		for _, m := range regexp.MustCompile(`⟦([^⟧]*)⟧`).FindAllStringSubmatch(text, -1) {
			if !slices.Contains(secrets, m[1]) {
				secrets = append(secrets, m[1])
			}
		}
		files[f.Name] = strings.NewReplacer("⟦", "", "⟧", "").Replace(text)
	}
	return files, secrets
}

// leaked are the secrets that stand in a text: as they are, in JSON, in a URL, in hexadecimal
// digits, or in base64 from any of its three alignments.
func leaked(text []byte, secrets []string) []string {
	var out []string
	for _, s := range secrets {
		quoted, _ := json.Marshal(s)
		forms := []string{s, string(quoted[1 : len(quoted)-1]), url.QueryEscape(s), url.PathEscape(s), hex.EncodeToString([]byte(s))}
		for shift := range 3 {
			for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
				b := enc.EncodeToString(append(make([]byte, shift), s...))
				forms = append(forms, b[(shift*8+5)/6:(shift+len(s))*8/6])
			}
		}
		if slices.ContainsFunc(forms, func(f string) bool { return bytes.Contains(text, []byte(f)) }) {
			out = append(out, s)
		}
	}
	return out
}

// TestDaemonSecretsStay plants secrets all over a host with an incident and looks for them in
// what leaves it: a capture, the list of one, alerts, and what the engine says and keeps.
// It needs node and pm2 on the PATH.
func TestDaemonSecretsStay(t *testing.T) {
	if os.Getenv("PM2DRILL_DAEMON_TEST") == "" {
		t.Skip("set PM2DRILL_DAEMON_TEST=1 to run it with the pm2 on the PATH; make test-secrets does so in the image")
	}
	files, err := fs.Glob(plantedFiles, "testdata/planted/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing is planted: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			content, secrets := planted(t, file)
			h := newSecretHost(t, content)
			h.pm2("start", "ecosystem.config.js")
			h.pm2("save")
			h.until("the app serves", func() bool { return h.serves() })
			if err := os.WriteFile(filepath.Join(h.dir, "home", "module_conf.json"), []byte(content["module_conf.json"]), 0o600); err != nil {
				t.Fatal(err)
			}
			h.incident()
			all := h.outputs()
			secrets = append(secrets, h.hook, h.query)
			for name, text := range all {
				if len(text) == 0 {
					t.Errorf("%s is empty: nothing was looked at", name)
				}
				if got := leaked(text, secrets); len(got) > 0 {
					t.Errorf("%s has %d of %d secrets: %q", name, len(got), len(secrets), got)
				}
			}
			if !bytes.Contains(all["alerts"], []byte("BootError")) || !bytes.Contains(all["alerts"], []byte("server.js:")) {
				t.Errorf("the alerts have lost the error or its place: %s", all["alerts"])
			}
			for name, mode := range map[string]string{"trace.jsonl": "trace", "home/pm2drill-engine.audit.jsonl": "audit file"} {
				if info, err := os.Stat(filepath.Join(h.dir, name)); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("the %s: %v, %v", mode, info, err)
				}
			}
		})
	}
}

// secretHost is a PM2 of its own with an app that holds secrets.
type secretHost struct {
	*testing.T
	dir, port   string
	hook, query string // secrets of the alert URL and of the health URL
	mu          sync.Mutex
	alerts      bytes.Buffer
	engine      map[string][]byte // what it said
}

// server prints what it is told to, serves, and dies of an error when boom is there.
const secretServer = `const fs = require('fs'), http = require('http')
if (fs.existsSync('boom')) { class BootError extends Error {}; const e = new BootError(fs.readFileSync('boom.txt', 'utf8').replace(/^BootError: /, '')); e.name = 'BootError'; throw e }
http.createServer((q, r) => r.end('ok')).listen(process.env.PORT, '127.0.0.1', () => {
  process.stdout.write(fs.readFileSync('out.txt')); process.stderr.write(fs.readFileSync('err.txt'))
})
`

// plant writes the app that holds the secrets into a folder.
func plant(t *testing.T, app string, content map[string]string) {
	t.Helper()
	content["server.js"] = secretServer
	for name, text := range content {
		switch name {
		case "module_conf.json": // PM2 would start the module
			continue
		case "git-config":
			name = ".git/config"
		}
		name = filepath.Join(app, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

func newSecretHost(t *testing.T, content map[string]string) *secretHost {
	t.Helper()
	dir, err := os.MkdirTemp("", "pm2d-secrets-*") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	h := &secretHost{T: t, dir: dir, hook: "/hook/planted-path-of-the-alert-url-17", query: "planted-health-query-18", engine: map[string][]byte{}}
	h.port = regexp.MustCompile(`PORT: '(\d+)'`).FindStringSubmatch(content["ecosystem.config.js"])[1]
	plant(t, filepath.Join(dir, "app"), content)
	t.Cleanup(func() {
		_ = os.Remove(filepath.Join(dir, "home", "module_conf.json")) // or PM2 asks for the module
		kill := exec.Command("pm2", "kill")
		kill.Env = h.env()
		if out, err := kill.CombinedOutput(); err != nil {
			t.Errorf("cannot end PM2: %v: %s", err, out)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return h
}

func (h *secretHost) env() []string {
	return []string{"PM2_HOME=" + filepath.Join(h.dir, "home"), "HOME=" + h.dir, "PATH=" + os.Getenv("PATH"), "SHELL_SECRET=planted-in-the-shell-19", "PM2DRILL_BE_THE_COMMAND=1"}
}

func (h *secretHost) pm2(args ...string) {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "pm2", args...)
	cmd.Dir, cmd.Env = filepath.Join(h.dir, "app"), h.env()
	if out, err := cmd.CombinedOutput(); err != nil {
		h.Fatalf("pm2 %v: %v\n%s", args, err, out)
	}
}

func (h *secretHost) until(what string, ok func() bool) {
	h.Helper()
	for end := time.Now().Add(3 * time.Minute); !ok(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			h.Fatalf("not seen: %s", what)
		}
	}
}

func (h *secretHost) serves() bool {
	res, err := http.Get("http://127.0.0.1:" + h.port + "/")
	if err != nil {
		return false
	}
	return res.Body.Close() == nil
}

func (h *secretHost) url() string {
	return "http://bob:planted-userinfo-20@127.0.0.1:" + h.port + "/?key=" + h.query
}

// receiver takes alerts. The first connections are cut off, so that the engine has an
// error to tell.
func (h *secretHost) receiver(cut int) (address string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if cut > 0 {
			cut--
			panic(http.ErrAbortHandler)
		}
		_, _ = io.Copy(&h.alerts, r.Body)
	})}
	go func() { _ = srv.Serve(ln) }()
	h.Cleanup(func() { _ = srv.Close() })
	return "http://" + ln.Addr().String() + h.hook
}

// incident has an engine look on while the app begins to die, and captures that.
func (h *secretHost) incident() {
	h.Helper()
	cmd := exec.Command(os.Args[0], "engine", "--app", "shop", "--url", h.url(), "--alert-url", h.receiver(6), "--trace", filepath.Join(h.dir, "trace.jsonl"))
	cmd.Env = h.env()
	var out, errs lockedBuffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = cmd.Process.Kill() }) // of an engine that has ended it is an error, and none to tell
	h.until("the engine is ready", func() bool { return strings.Contains(out.String(), `"ready"`) })
	if err := os.WriteFile(filepath.Join(h.dir, "app", "boom"), nil, 0o600); err != nil {
		h.Fatal(err)
	}
	h.pm2("restart", "shop")
	h.until("an alert that could not be posted", func() bool {
		return strings.Contains(out.String(), "not delivered") || strings.Contains(out.String(), "cannot post alert")
	})
	h.capture("capture.tgz")
	// The incident ends, and that is told to the receiver that listens now.
	if err := os.Remove(filepath.Join(h.dir, "app", "boom")); err != nil {
		h.Fatal(err)
	}
	h.pm2("restart", "shop")
	h.until("an alert", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return h.alerts.Len() > 0 })
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		h.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		h.Fatalf("the engine: %v: %s", err, errs.String())
	}
	h.engine["the engine's stdout"] = []byte(out.String())
	h.Logf("engine's stderr: %s; alerts: %s", errs.String(), h.alerts.String())
}

func (h *secretHost) capture(name string) {
	h.Helper()
	for _, more := range [][]string{{"--out", filepath.Join(h.dir, name)}, {"--list"}} {
		cmd := exec.Command(os.Args[0], append([]string{"capture", "--app", "shop", "--url", h.url(), "--for", "5s"}, more...)...)
		cmd.Dir, cmd.Env = h.dir, h.env()
		out, err := cmd.CombinedOutput()
		if err != nil {
			h.Fatalf("capture %v: %v: %s", more, err, out)
		}
		h.engine["what capture "+more[0]+" says"] = out
		h.Logf("capture %s: %s", more[0], out)
	}
}

// outputs are all texts that may leave the host.
func (h *secretHost) outputs() map[string][]byte {
	h.Helper()
	all := h.engine
	h.mu.Lock()
	all["alerts"] = h.alerts.Bytes()
	h.mu.Unlock()
	for name, file := range map[string]string{"the trace": "trace.jsonl", "the audit file": "home/pm2drill-engine.audit.jsonl", "the capture, packed": "capture.tgz"} {
		text, err := os.ReadFile(filepath.Join(h.dir, file))
		if err != nil {
			h.Fatal(err)
		}
		all[name] = text
	}
	zip, err := gzip.NewReader(bytes.NewReader(all["the capture, packed"]))
	if err != nil {
		h.Fatal(err)
	}
	for in := tar.NewReader(zip); ; {
		head, err := in.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			h.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			h.Fatal(err)
		}
		if len(text) > 0 {
			all["captured "+head.Name] = append([]byte(fmt.Sprintln(head.Name)), text...)
		}
	}
}

// lockedBuffer is a buffer that is read while a process writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
