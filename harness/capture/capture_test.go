package capture

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/redact"
)

func TestDumpHasNoValues(t *testing.T) {
	const dump = `[{"name":"web","kill_timeout":5000,"DB_PASSWORD":"hunter2","PORT":"3000","args":["--x","s3cr3t"],"node_args":["--max-old-space-size=4096","--title=t1tle"],
		"env":{"DB_PASSWORD":"hunter2","PORT":"3000","HARMLESS_LOOKING":"s3cr3t"},"env_production":{"KEY":"pr0d"},"deploy":{"production":{"key":"d3ploy"}}}]`
	out, err := reducer{new(redact.Redactor)}.reduceApps([]byte(dump))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"hunter2", "s3cr3t", "pr0d", "d3ploy", "t1tle"} {
		if strings.Contains(string(out), secret) {
			t.Errorf("%s is still there:\n%s", secret, out)
		}
	}
	for _, kept := range []string{`"PORT": "3000"`, `"kill_timeout": 5000`, "HARMLESS_LOOKING", "env_production", "--max-old-space-size=4096"} {
		if !strings.Contains(string(out), kept) {
			t.Errorf("%s is gone:\n%s", kept, out)
		}
	}
	if _, err := (reducer{new(redact.Redactor)}).reduceApps([]byte("{")); err == nil {
		t.Error("half a dump is read")
	}
}

func TestJSONStaysJSON(t *testing.T) {
	const lines = "{\"at\":123456789012345678,\"text\":\"token: abcdef\"}\n{\"at\":2,\"list\":[\"{\\\"password\\\":\\\"hunter2\\\"}\"]}\n"
	k := newTaker(Config{Home: t.TempDir()})
	k.add("trace.jsonl", []byte(lines))
	out := k.files["trace.jsonl"]
	if n := k.Manifest.Files[0].Redacted; n != 2 {
		t.Errorf("%d secrets", n)
	}
	if s := string(out); strings.Contains(s, "abcdef") || strings.Contains(s, "hunter2") || !strings.Contains(s, "123456789012345678") || strings.Count(s, "\n") != 2 {
		t.Errorf("it became\n%s", s)
	}
	for line := range bytes.Lines(out) {
		if !json.Valid(line) {
			t.Errorf("no JSON any more: %s", line)
		}
	}
}

func TestLogTailBeginsWithALine(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.log")
	if err := os.WriteFile(name, []byte(strings.Repeat("a line of thirty-one characters\n", 5000)+"password=hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	k := newTaker(Config{Home: t.TempDir()})
	k.takeLogTail("out", name)
	k.takeLogTail("none", name+".1")
	got := string(k.files["out"])
	if len(got) > tail || !strings.HasPrefix(got, "a line of") || strings.Contains(got, "hunter2") {
		t.Errorf("%d bytes, from %.20q to %q", len(got), got, got[len(got)-30:])
	}
	if f := k.Manifest.Files; len(f) != 1 || f[0].Redacted != 1 {
		t.Errorf("the manifest has %+v", f)
	}
	if m := k.Manifest.Missing; len(m) != 1 || !strings.HasPrefix(m[0], "none: ") {
		t.Errorf("missing: %v", m)
	}
}

func TestWrittenAndRead(t *testing.T) {
	k := newTaker(Config{App: "web", Home: t.TempDir()})
	k.add(fileProcesses, []byte(`[{"ID":1,"Name":"web"},{"ID":2,"Name":"other"}]`))
	var archive bytes.Buffer
	if err := k.Write(&archive); err != nil {
		t.Fatal(err)
	}
	whole := archive.Bytes()
	b, err := Read(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Processes) != 1 || b.Processes[0].ID != 1 || b.Manifest.App != "web" {
		t.Errorf("read %+v", b)
	}
	for name, raw := range map[string][]byte{"half of it": whole[:len(whole)/2], "a text": []byte("hello"), "nothing": nil} {
		if _, err := Read(bytes.NewReader(raw)); err == nil {
			t.Errorf("%s is read without an error", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("hello"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, _ = Read(bytes.NewReader(raw)) // must not panic
	})
}

// TestWithoutURL: an app that serves no network is captured, and what only a port tells is
// said to be left out.
func TestWithoutURL(t *testing.T) {
	taken, err := Take(t.Context(), Config{App: "mailer", Home: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	m := taken.Manifest
	if m.URL != "" || !slices.ContainsFunc(m.Left, func(l Left) bool { return l.What == fileSockets && strings.Contains(l.Why, "health URL") }) {
		t.Errorf("the manifest has %+v", m)
	}
	for _, x := range m.Missing {
		if strings.Contains(x, "health URL") || strings.Contains(x, fileSockets) {
			t.Errorf("missing: %s", x)
		}
	}
}

// TestNamespace: of two apps of one name only the one of the namespace is taken, and which
// is meant must be said.
func TestNamespace(t *testing.T) {
	rows := []pm2.Process{{ID: 1, Name: "web", Namespace: "eu"}, {ID: 2, Name: "web", Namespace: "us"}, {ID: 3, Name: "api", Namespace: "us"}}
	if err := newTaker(Config{App: "web", Home: t.TempDir()}).settle(rows); err == nil || !strings.Contains(err.Error(), "--namespace") || !strings.Contains(err.Error(), "eu, us") {
		t.Errorf("web in two namespaces: %v", err)
	}
	if err := newTaker(Config{App: "api", Home: t.TempDir()}).settle(rows); err != nil {
		t.Errorf("api in one: %v", err)
	}
	k := newTaker(Config{App: "web", Namespace: "us", Home: t.TempDir()})
	if err := k.settle(rows); err != nil {
		t.Fatal(err)
	}
	k.settings = []byte(`[{"name": "web", "pm2_env": {"namespace": "eu", "kill_timeout": 1111}}, {"name": "web", "pm2_env": {"namespace": "us", "kill_timeout": 2222}}]`)
	k.addJSON(fileProcesses, rows)
	k.takeDaemon()
	if s := string(k.files[fileSettings]); strings.Contains(s, "1111") || !strings.Contains(s, "2222") {
		t.Errorf("the settings are %s", s)
	}
	var archive bytes.Buffer
	if err := k.Write(&archive); err != nil {
		t.Fatal(err)
	}
	b, err := Read(&archive)
	if err != nil || len(b.Processes) != 1 || b.Processes[0].ID != 2 {
		t.Errorf("%v: it has the processes %+v", err, b.Processes)
	}
}

// TestContents: what is listed is what the archive has, the manifest too, to the byte.
func TestContents(t *testing.T) {
	k := newTaker(Config{App: "web", Home: t.TempDir()})
	k.add("pm2.log", []byte("a line\n"))
	var archive bytes.Buffer
	if err := k.Write(&archive); err != nil {
		t.Fatal(err)
	}
	b, err := Read(&archive)
	if err != nil {
		t.Fatal(err)
	}
	all, err := k.Contents()
	if err != nil || len(all) != len(b.Files) || all[0].Name != fileManifest {
		t.Fatalf("%v: it lists %+v of %d files", err, all, len(b.Files))
	}
	for _, f := range all {
		if text, ok := b.Files[f.Name]; !ok || len(text) != f.Bytes {
			t.Errorf("%s: %d bytes are listed, and it has %d", f.Name, f.Bytes, len(text))
		}
	}
}
