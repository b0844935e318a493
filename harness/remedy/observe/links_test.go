package observe

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// TestLinks: a link that led to the app's code and leads to other code is told of, with a time
// between the two looks; what looks like that is not.
func TestLinks(t *testing.T) {
	for _, c := range []struct {
		name   string
		script string // below the app's folder
		before []string
		after  []string // pairs of link and target
		want   string   // link that is told of, "" for none
	}{
		{"it leads to another release", "releases/1/server.js", []string{"current", "releases/1"}, []string{"current", "releases/2"}, "current"},
		{"the script is deeper", "releases/1/dist/server.js", []string{"current", "releases/1"}, []string{"current", "releases/2"}, "current"},
		{"it leads where it did", "releases/1/server.js", []string{"current", "releases/1"}, []string{"current", "releases/1"}, ""},
		{"another link still leads to the code", "releases/1/server.js", []string{"current", "releases/1", "stable", "releases/1"}, []string{"current", "releases/2"}, ""},
		{"there is no such script", "releases/1/server.js", []string{"current", "releases/1"}, []string{"current", "releases/empty"}, ""},
		{"PM2's path goes through it", "current/server.js", []string{"current", "releases/1"}, []string{"current", "releases/2"}, ""},
		{"it never led to the code", "releases/1/server.js", []string{"next", "releases/2"}, []string{"next", "releases/empty"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			top, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range []string{"releases/1/server.js", "releases/1/dist/server.js", "releases/2/server.js", "releases/2/dist/server.js", "releases/empty/README"} {
				path := filepath.Join(top, file)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			lead(t, top, c.before)
			var l links
			procs := []pm2.Process{{Name: "app", Script: filepath.Join(top, c.script)}}
			if m := l.look(procs, "app", 100*time.Hour); m != nil {
				t.Fatalf("told of %+v before anything was changed", *m)
			}
			lead(t, top, c.after)
			got := ""
			if m := l.look(procs, "app", 100*time.Hour+5*time.Second); m != nil {
				if got, err = filepath.Rel(top, m.Link); err != nil {
					t.Fatal(err)
				}
				if m.At < 100*time.Hour || m.At > 100*time.Hour+5*time.Second {
					t.Errorf("it was changed at %s, which is not between the looks", m.At)
				}
			}
			if got != c.want {
				t.Errorf("told of %q, want %q", got, c.want)
			}
			lead(t, top, c.before)
			if m := l.look(procs, "app", 100*time.Hour+10*time.Second); m != nil {
				t.Errorf("told of %+v when it had been taken back", *m)
			}
		})
	}
}

// lead makes links, each by its name and where it leads.
func lead(t *testing.T, top string, pairs []string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		link := filepath.Join(top, pairs[i])
		if err := os.RemoveAll(link); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(top, pairs[i+1]), link); err != nil {
			t.Fatal(err)
		}
	}
}
