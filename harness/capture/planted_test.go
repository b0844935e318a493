package capture

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// evaluateHere evaluates without a process of its own.
func evaluateHere(_ context.Context, req ecosystem.Request) (ecosystem.Evaluation, error) {
	return sandbox.Evaluate(req), nil
}

// TestPlantedSecrets lays the planted files (testdata/planted of the command, where what
// stands between ⟦ and ⟧ is a secret) out as a host would have them, and looks for the
// secrets in the archive, packed and unpacked.
func TestPlantedSecrets(t *testing.T) {
	sets, err := filepath.Glob("../cmd/pm2drill/testdata/planted/*.txt")
	if err != nil || len(sets) < 2 {
		t.Fatalf("%v: %v", sets, err)
	}
	mark := regexp.MustCompile(`⟦([^⟧]*)⟧`)
	for _, set := range sets {
		raw, err := os.ReadFile(set)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		var secrets []string
		for _, f := range txtar.Parse(raw).Files {
			for _, m := range mark.FindAllSubmatch(f.Data, -1) {
				secrets = append(secrets, string(m[1]))
			}
			name := filepath.Join(dir, strings.Replace(f.Name, "git-config", ".git/config", 1))
			if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, mark.ReplaceAll(f.Data, []byte("$1")), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if len(secrets) < 40 {
			t.Fatalf("%s has %d secrets", set, len(secrets))
		}
		whole := archiveOf(t, dir)
		for _, s := range secrets {
			for _, form := range formsOf(s) {
				if bytes.Contains(whole, []byte(form)) {
					t.Errorf("%s: %q is still there, as %q", filepath.Base(set), s, form)
				}
			}
		}
		for _, kept := range []string{`"kill_timeout": 4321`, `"NODE_ENV": "production"`, "--max-old-space-size=512", "BootError", "ecosystem.config.js"} {
			if !bytes.Contains(whole, []byte(kept)) {
				t.Errorf("%s: %q is gone", filepath.Base(set), kept)
			}
		}
	}
}

// archiveOf is a capture of a host with an app in dir, without its daemon: its bytes,
// packed and unpacked.
func archiveOf(t *testing.T, dir string) []byte {
	t.Helper()
	app := runningApp(t, dir)
	list, err := json.Marshal([]any{map[string]any{"name": "shop", "pm_id": 0, "pm2_env": app}})
	if err != nil {
		t.Fatal(err)
	}
	dump, err := json.Marshal([]any{app})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "dump.pm2"), dump, 0o600); err != nil {
		t.Fatal(err)
	}
	k := newTaker(Config{Home: dir, App: "shop", URL: "http://u:pw@127.0.0.1:1/healthz?a=b", Evaluate: evaluateHere})
	k.Manifest.Node, k.Manifest.PM2 = "26.10.0", "7.0.4"
	k.veil.LearnHost(dir, list)
	k.takeURL()
	k.settings = list
	script := app["pm_exec_path"].(string)
	p := pm2.Process{Name: "shop", Script: script, Cwd: dir, OutLog: filepath.Join(dir, "out.txt"), ErrLog: filepath.Join(dir, "err.txt")}
	k.takeDaemon()
	k.takeWorker(p)
	k.takeLogTail("logs/boom.log", filepath.Join(dir, "boom.txt"))
	k.takeConfigs(t.Context(), []pm2.Process{p})
	k.addJSON(fileProcesses, []pm2.Process{p})
	var packed bytes.Buffer
	if err := k.Write(&packed); err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewReader(bytes.NewReader(packed.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Read(bytes.NewReader(packed.Bytes()))
	if err != nil || !slices.Equal(b.Configs(), []string{filepath.Join(dir, "ecosystem.config.js")}) {
		t.Errorf("%v: the ecosystem files are %v", err, b.Configs())
	}
	return append(packed.Bytes(), unpacked...)
}

// runningApp is the row of the app as PM2 has it: its settings, and each variable in env
// and beside the settings.
func runningApp(t *testing.T, dir string) map[string]any {
	t.Helper()
	name := filepath.Join(dir, "ecosystem.config.js")
	source, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	target := ecosystem.Target{CPUs: 2, Node: "26.10.0", PM2: "7.0.4", OS: map[string]string{}, Cwd: dir}
	loaded, err := evaluateHere(t.Context(), ecosystem.Request{Path: name, Dialect: ecosystem.DialectOf(name), Source: source, Target: target})
	if err != nil || loaded.Failure != nil || loaded.Unsupported != "" {
		t.Fatalf("%v: %+v", err, loaded)
	}
	app := loaded.Value.Plain().(map[string]any)["apps"].([]any)[0].(map[string]any)
	for name, v := range app["env"].(map[string]any) {
		app[name] = v
	}
	app["pm_cwd"], app["pm_exec_path"], app["kill_timeout"] = dir, filepath.Join(dir, "server.js"), 4321
	return app
}

func formsOf(s string) []string {
	forms := []string{s, url.QueryEscape(s), url.PathEscape(s)}
	for shift := range 3 {
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			b := enc.EncodeToString(append(make([]byte, shift), s...))
			forms = append(forms, b[(shift*8+5)/6:(shift+len(s))*8/6])
		}
	}
	return forms
}
