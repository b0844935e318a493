package peers

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
)

func TestListIsTheFolders(t *testing.T) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		t.Fatal(err)
	}
	folders, listed := map[string]bool{}, map[string]bool{}
	for _, e := range entries {
		folders[e.Name()] = true
	}
	for _, p := range All() {
		if listed[p.Name] {
			t.Errorf("%s is listed twice", p.Name)
		}
		listed[p.Name] = true
	}
	if !maps.Equal(folders, listed) {
		t.Errorf("the folders are %v, and listed are %v",
			slices.Sorted(maps.Keys(folders)), slices.Sorted(maps.Keys(listed)))
	}
}

func TestPeers(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range All() {
		t.Run(p.Name, func(t *testing.T) {
			if !strings.HasPrefix(p.From, "https://") || !strings.HasSuffix(p.Does, ".") {
				t.Errorf("from %q, does %q: want a URL and a sentence", p.From, p.Does)
			}
			if (p.Needs == Nothing) != (p.Licence == "") {
				t.Errorf("needs %q under the licence %q: what is not written here has both", p.Needs, p.Licence)
			}
			folder, err := p.Files()
			if err != nil {
				t.Fatal(err)
			}
			for file, needs := range map[string]string{"package-lock.json": NPM, "fetch.sh": APT} {
				if _, err := fs.Stat(folder, file); (err == nil) != (p.Needs == needs) {
					t.Errorf("it needs %q, and of %s is said: %v", p.Needs, file, err)
				}
			}
			if p.Needs == NPM {
				checkPinned(t, p, folder)
			}
			line := lineOf(string(readme), "["+p.Name+"]")
			for _, word := range []string{p.From, p.Version, p.Licence} {
				if !strings.Contains(line, word) {
					t.Errorf("README.md does not say %q of it: %q", word, line)
				}
			}
		})
	}
}

// TestScripts: each can be run, and is what a shell can read.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("*/*.sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range All() {
		if script := filepath.Join(p.Name, "engine.sh"); !slices.Contains(scripts, script) {
			t.Errorf("there is no %s", script)
		}
	}
	for _, script := range append(scripts, "install.sh") {
		info, err := os.Stat(script)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o111 == 0 {
			t.Errorf("%s is not executable", script)
		}
		if script == "install.sh" {
			continue // it is bash
		}
		if out, err := exec.Command("sh", "-n", script).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", script, err, out)
		}
	}
}

// checkPinned: the module is named at its version, and every package of the lock file
// is named by what is in it and not by where it was found.
func checkPinned(t *testing.T, p Peer, folder fs.FS) {
	var manifest struct{ Dependencies map[string]string }
	read(t, folder, "package.json", &manifest)
	if !maps.Equal(manifest.Dependencies, map[string]string{p.Name: p.Version}) {
		t.Errorf("package.json has %v, want %s %s alone", manifest.Dependencies, p.Name, p.Version)
	}
	var lock struct {
		Packages map[string]struct {
			Version, Integrity, Resolved string
			License                      any // some have a list
		}
	}
	read(t, folder, "package-lock.json", &lock)
	if module := lock.Packages["node_modules/"+p.Name]; module.Version != p.Version || module.License != p.Licence {
		t.Errorf("package-lock.json has %+v, want version %s under %s", module, p.Version, p.Licence)
	}
	for name, l := range lock.Packages {
		if name != "" && (l.Integrity == "" || l.Resolved != "") {
			t.Errorf("package-lock.json does not pin %s by its content: %+v", name, l)
		}
	}
}

func read(t *testing.T, folder fs.FS, name string, v any) {
	t.Helper()
	b, err := fs.ReadFile(folder, name)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		t.Fatalf("cannot read %s: %v", name, err)
	}
}

// lineOf is the table's line that begins with the cell.
func lineOf(text, cell string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| "+cell) {
			return line
		}
	}
	return ""
}

// TestAlone: it says nothing, not even that it is ready, and ends with its stdin.
func TestAlone(t *testing.T) {
	if out, called := play(t, "pm2-alone", engine.Request{Request: engine.RequestRoll, App: "app"}); out != "" || called != "" {
		t.Errorf("it said %q and called pm2 with %q, want nothing of either", out, called)
	}
}

func TestCommands(t *testing.T) {
	out, called := play(t, "pm2-commands",
		engine.Request{Request: "dance", App: "app"},
		engine.Request{Request: engine.RequestRoll, App: "app", Rollback: []string{"/srv/bin/previous-release"}},
		engine.Request{Request: engine.RequestScale, App: "app", Workers: 12},
	)
	if l, err := engine.DecodeLine([]byte(out)); err != nil || l.Type != engine.TypeReady || strings.Join(l.Capabilities, " ") != "roll scale" {
		t.Errorf("it said %q (%v), want that it rolls and scales", out, err)
	}
	if want := "reload app\nscale app 12\n"; called != want {
		t.Errorf("it called pm2 with %q, want %q", called, want)
	}
}

// play starts a peer, asks things of it, and closes its stdin. It returns what the
// peer said and what it called pm2 with.
func play(t *testing.T, name string, requests ...engine.Request) (out, called string) {
	t.Helper()
	bin := t.TempDir()
	calls := path.Join(bin, "calls")
	pm2 := "#!/bin/sh\necho \"$*\" >>" + calls + "\n"
	if err := os.WriteFile(path.Join(bin, "pm2"), []byte(pm2), 0o755); err != nil {
		t.Fatal(err)
	}
	var asked bytes.Buffer
	for _, r := range requests {
		if err := engine.EncodeRequest(&asked, r); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("sh", "-c", "exec "+Command)
	cmd.Dir, cmd.Stdin, cmd.Stderr = name, &asked, os.Stderr
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), engine.EnvApp+"=app")
	said, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(calls)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(said), string(b)
}

// TestCronCurl: the script restarts an app that fails, and none whose usual answer is 404.
func TestCronCurl(t *testing.T) {
	for _, program := range []string{"sh", "node"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	script, err := fs.ReadFile(files, "cron-curl/engine.sh")
	if err != nil {
		t.Fatal(err)
	}
	patient := strings.Replace(string(script), "timeout=1000", "timeout=60000", 1) // of a busy host's server
	for status, want := range map[int]string{http.StatusOK: "", http.StatusNotFound: "", http.StatusInternalServerError: "restart app\n"} {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		defer web.Close()
		bin := t.TempDir()
		// The clock of the script: four times it may go on, and then it ends.
		for name, text := range map[string]string{
			"pm2":   `echo "$@"`,
			"sleep": `echo >> ` + bin + `/turns; [ "$(wc -l < ` + bin + `/turns)" -le 4 ]`,
		} {
			if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("sh", "-c", patient)
		cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), engine.EnvURL+"="+web.URL, engine.EnvApp+"=app")
		out, err := cmd.Output()
		if string(out) != want {
			t.Errorf("status %d: it has asked PM2 for %q (%v), want %q", status, out, err, want)
		}
	}
}
