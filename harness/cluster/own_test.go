package cluster

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestOwnIsCopiedAsItIs: links stay links, and .git and modules that are installed
// elsewhere stay behind.
func TestOwnIsCopiedAsItIs(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"server.js": "// a comment stays", "README.md": "so does this", ".git/HEAD": "ref", "node_modules/a/index.js": "1", "deep/er/x.json": "{}",
	} {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("server.js", filepath.Join(dir, "current.js")); err != nil {
		t.Fatal(err)
	}
	modules, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer modules.Close()
	for _, c := range []struct {
		own  Own
		want []string
	}{
		{Own{Dir: dir}, []string{"README.md", "current.js>server.js", "deep/er/x.json", "node_modules/a/index.js", "server.js"}},
		{Own{Dir: dir, Modules: modules}, []string{"README.md", "current.js>server.js", "deep/er/x.json", "server.js"}},
	} {
		if got := archived(t, &c.own); !slices.Equal(got, c.want) {
			t.Errorf("archived %v, want %v", got, c.want)
		}
	}
}

// archived lists the files and links of an app in its archive, which must belong to
// the containers' user.
func archived(t *testing.T, own *Own) []string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := errors.Join(own.add(w), w.Close()); err != nil {
		t.Fatal(err)
	}
	var names []string
	for r := tar.NewReader(&b); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			slices.Sort(names)
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != userID {
			t.Errorf("%s belongs to %d", h.Name, h.Uid)
		}
		within, err := filepath.Rel(OwnDir[1:], h.Name)
		if h.Typeflag == tar.TypeDir || err != nil {
			continue
		}
		if h.Linkname != "" {
			within += ">" + h.Linkname
		}
		names = append(names, within)
	}
}

func TestOwnEnvironment(t *testing.T) {
	own := Own{Vars: map[string]string{"PORT": "4000", "NODE_OPTIONS": "--max-old-space-size=512"}}
	want := map[string]string{"PORT": "4000", "NODE_OPTIONS": witness + " --max-old-space-size=512", "PM2_HOME": PM2Home}
	if got := own.buildEnv(); !maps.Equal(got, want) {
		t.Errorf("the environment is %v, want %v", got, want)
	}
	if len(own.Vars) != 2 {
		t.Errorf("what was given has been changed: %v", own.Vars)
	}
}

func TestListeningPorts(t *testing.T) {
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1
   1: 0100007F:0BB8 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 2
  sl  local_address                         remote_address                        st
   0: 00000000000000000000000000000000:0BB8 00000000000000000000000000000000:0000 0A 00000000:00000000
   1: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000
`
	if got := parseListeningPorts(table); !slices.Equal(got, []int{22, 3000}) {
		t.Errorf("ports %v", got)
	}
}

// TestOwnChangedFilesReplace: a changed file stands in the place of the one in the folder, once
// and with its mode, and a new one beside it.
func TestOwnChangedFilesReplace(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "www"), []byte("old"), 0o755), os.WriteFile(filepath.Join(dir, "b.js"), []byte("b"), 0o644)); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	own := Own{Dir: dir, Changed: map[string][]byte{"www": []byte("new"), "lib/c.js": []byte("c")}}
	if err := errors.Join(own.add(w), w.Close()); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for r := tar.NewReader(&b); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, _ := io.ReadAll(r); h.Typeflag == tar.TypeReg {
			got[h.Name] += fmt.Sprintf("%s %o;", text, h.Mode)
		}
	}
	want := map[string]string{"opt/app/www": "new 755;", "opt/app/b.js": "b 644;", "opt/app/lib/c.js": "c 644;"}
	if !maps.Equal(got, want) {
		t.Errorf("archived %v, want %v", got, want)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "www")); err != nil || string(text) != "old" {
		t.Errorf("the folder's own file is %q: %v", text, err)
	}
}
