package host

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const secret = "a secret of somebody else's"

// planted puts under a name what must not be followed, each as one kind.
var planted = map[string]func(t *testing.T, path, victim string){
	"symlink": func(t *testing.T, path, victim string) { must(t, os.Symlink(victim, path)) },
	"dangling symlink": func(t *testing.T, path, victim string) {
		must(t, os.Symlink(victim+".none", path))
	},
	"hard link": func(t *testing.T, path, victim string) { must(t, os.Link(victim, path)) },
	"pipe":      func(t *testing.T, path, _ string) { must(t, unix.Mkfifo(path, 0o600)) },
	"directory": func(t *testing.T, path, _ string) { must(t, os.Mkdir(path, 0o700)) },
	"socket": func(t *testing.T, path, _ string) {
		l, err := net.Listen("unix", path)
		must(t, err)
		t.Cleanup(func() { l.Close() })
	},
	"symlink to a device": func(t *testing.T, path, _ string) { must(t, os.Symlink("/dev/zero", path)) },
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// asAnother gives a file to another user; that takes root.
func asAnother(t *testing.T, path string) bool {
	t.Helper()
	return os.Geteuid() == 0 && os.Lchown(path, 65534, 65534) == nil
}

func home(t *testing.T) (dir, victim string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "h") // short: a Unix socket's path has room for 107 bytes
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	victim = filepath.Join(t.TempDir(), "victim")
	must(t, os.WriteFile(victim, []byte(secret), 0o600))
	return dir, victim
}

// TestFolderFollowsNothing: what others have planted is neither read nor written nor
// waited for, and what it leads to stays as it is.
func TestFolderFollowsNothing(t *testing.T) {
	for kind, plant := range planted {
		t.Run(kind, func(t *testing.T) {
			dir, victim := home(t)
			d, err := OpenFolder(dir)
			must(t, err)
			defer d.Close()
			plant(t, filepath.Join(dir, "state"), victim)
			for _, flags := range []int{os.O_RDONLY, os.O_RDWR | os.O_CREATE, os.O_WRONLY | os.O_APPEND | os.O_CREATE} {
				if f, err := d.Open("state", flags); err == nil {
					f.Close()
					t.Errorf("opened with flags %#x", flags)
				}
			}
			if text, err := d.Read("state", 100); err == nil {
				t.Errorf("read %q", text)
			}
			if kind != "directory" {
				must(t, d.Replace("state", []byte("new")))
				if text, err := d.Read("state", 100); err != nil || string(text) != "new" {
					t.Errorf("replaced, and read %q (%v)", text, err)
				}
			}
			if text, err := os.ReadFile(victim); err != nil || string(text) != secret {
				t.Errorf("the victim has %q (%v)", text, err)
			}
			if _, err := os.Stat(victim + ".none"); err == nil {
				t.Error("a file was made where the link leads to")
			}
		})
	}
}

// TestReplaceOverPlanted: the name that Replace writes to first may be planted too.
func TestReplaceOverPlanted(t *testing.T) {
	for kind, plant := range planted {
		if kind == "directory" {
			continue
		}
		dir, victim := home(t)
		d, err := OpenFolder(dir)
		must(t, err)
		plant(t, filepath.Join(dir, "state.new"), victim)
		must(t, d.Replace("state", []byte("new")))
		must(t, d.Close())
		text, _ := os.ReadFile(victim)
		if got, err := os.ReadFile(filepath.Join(dir, "state")); err != nil || string(got) != "new" || string(text) != secret {
			t.Errorf("%s: wrote %q (%v), the victim has %q", kind, got, err, text)
		}
	}
}

// TestFolderMakesPrivateFiles: also one that was readable becomes so.
func TestFolderMakesPrivateFiles(t *testing.T) {
	dir, _ := home(t)
	must(t, os.WriteFile(filepath.Join(dir, "open"), nil, 0o644))
	must(t, os.Chmod(filepath.Join(dir, "open"), 0o644))
	d, err := OpenFolder(dir)
	must(t, err)
	defer d.Close()
	must(t, d.Replace("new", []byte("x")))
	for _, name := range []string{"open", "new"} {
		f, err := d.Open(name, os.O_RDONLY)
		must(t, err)
		info, err := f.Stat()
		must(t, err)
		must(t, f.Close())
		if info.Mode() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
	if asAnother(t, filepath.Join(dir, "open")) {
		if _, err := d.Open("open", os.O_RDONLY); !errors.Is(err, ErrForeign) {
			t.Errorf("another user's file: %v", err)
		}
	}
	if _, err := d.Read("none", 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := d.Read("new", 0); err == nil {
		t.Error("more was read than the limit")
	}
}

// TestFolderTrust: a directory is used if nobody else can put files into it.
func TestFolderTrust(t *testing.T) {
	own := uint32(os.Geteuid())
	group := uint32(os.Getegid())
	for _, c := range []struct {
		name string
		st   unix.Stat_t
		safe bool
	}{
		{"private", unix.Stat_t{Uid: own, Gid: group, Mode: 0o700}, true},
		{"readable", unix.Stat_t{Uid: own, Gid: group + 1, Mode: 0o755}, true},
		{"of the user's own group", unix.Stat_t{Uid: own, Gid: group, Mode: 0o775}, true},
		{"of root", unix.Stat_t{Uid: 0, Gid: 0, Mode: 0o755}, true},
		{"of another group", unix.Stat_t{Uid: own, Gid: group + 1, Mode: 0o770}, false},
		{"of everybody", unix.Stat_t{Uid: own, Gid: group, Mode: 0o777}, false},
		{"of everybody, sticky", unix.Stat_t{Uid: own, Gid: group, Mode: 0o1777}, false},
		{"of another user", unix.Stat_t{Uid: own + 1, Gid: group, Mode: 0o700}, false},
	} {
		if err := checkFolder(c.st); (err == nil) != c.safe || err != nil && !errors.Is(err, ErrForeign) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := OpenFolder(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
}

// TestReadsWhatItMay: logs are read where they are, and no name leads to another file.
func TestReadsWhatItMay(t *testing.T) {
	for kind, plant := range planted {
		dir, victim := home(t)
		path := filepath.Join(dir, "error.log")
		plant(t, path, victim)
		for name, read := range map[string]func() ([]byte, error){
			"tail": func() ([]byte, error) { text, _, err := Tail(path, 100); return text, err },
			"file": func() ([]byte, error) { return ReadFile(path, 100) },
		} {
			if text, err := read(); err == nil {
				t.Errorf("%s, %s: read %q", kind, name, text)
			}
		}
	}
	// Logs that are kept elsewhere, by a link to their directory.
	dir, _ := home(t)
	real := filepath.Join(t.TempDir(), "var", "log")
	must(t, os.MkdirAll(real, 0o700))
	must(t, os.WriteFile(filepath.Join(real, "error.log"), []byte("0123456789"), 0o600))
	link := filepath.Join(dir, "logs")
	must(t, os.Symlink("../../"+strings.Repeat("../", 10)+real[1:], link))
	for n, want := range map[int64]string{4: "6789", 100: "0123456789"} {
		if text, info, err := Tail(filepath.Join(link, "error.log"), n); err != nil || string(text) != want || info.Size() != 10 {
			t.Errorf("the last %d bytes: %q (%v)", n, text, err)
		}
	}
	if asAnother(t, link) {
		if text, _, err := Tail(filepath.Join(link, "error.log"), 100); !errors.Is(err, ErrForeign) {
			t.Errorf("through another user's link: %q (%v)", text, err)
		}
	}
	must(t, os.Remove(link))
	must(t, os.Symlink("logs", link))
	if _, _, err := Tail(filepath.Join(link, "error.log"), 100); err == nil {
		t.Error("a link to itself was followed")
	}
}

// TestSparseFile: a file of a terabyte costs what is asked of it.
func TestSparseFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sparse")
	f, err := os.Create(path)
	must(t, err)
	must(t, f.Truncate(1<<40))
	must(t, f.Close())
	if text, info, err := Tail(path, 1000); err != nil || len(text) != 1000 || info.Size() != 1<<40 {
		t.Errorf("%d bytes (%v)", len(text), err)
	}
	if _, err := ReadFile(path, 1000); err == nil {
		t.Error("all of it was read")
	}
}

// TestOpenFolderNamesItOnce: the error names the directory once, and can be told apart.
func TestOpenFolderNamesItOnce(t *testing.T) {
	name := filepath.Join(t.TempDir(), "none")
	_, err := OpenFolder(name)
	if !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), name) != 1 {
		t.Errorf("%v", err)
	}
}
