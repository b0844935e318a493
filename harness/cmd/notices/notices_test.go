package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoticesAreCurrent fails when the binary is linked from other modules, other
// versions or other licence texts than THIRD_PARTY.md says.
func TestNoticesAreCurrent(t *testing.T) {
	watchSources(t)
	var want bytes.Buffer
	if err := writeNotices(&want); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../../THIRD_PARTY.md")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want.Bytes()) {
		return
	}
	t.Error("THIRD_PARTY.md is out of date; run `make notices`")
	has, needs := rows(string(got)), rows(want.String())
	for row := range needs {
		if !has[row] {
			t.Error("it lacks", row)
		}
	}
	for row := range has {
		if !needs[row] {
			t.Error("it should not have", row)
		}
	}
}

// watchSources looks at every file that decides what is linked. The go command reuses
// a test's result until a file changes that the test itself has looked at, and does
// not see what `go list` reads.
func watchSources(t *testing.T) {
	t.Helper()
	const root = "../../.."
	for _, name := range []string{"go.mod", "go.sum"} {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{"harness", "scenarios", "fixtures"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, _ fs.DirEntry, err error) error {
			if err == nil && filepath.Ext(path) == ".go" {
				_, err = os.Stat(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// rows returns the modules of the table, each with its version.
func rows(notices string) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(notices) {
		if cells := strings.Split(line, " | "); len(cells) == 3 {
			out[strings.TrimPrefix(cells[0], "| ")+" "+cells[1]] = true
		}
	}
	return out
}

const isc = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
`

func TestReadLicences(t *testing.T) {
	known, err := newClassifier()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		files map[string]string
		want  []string // "file kind"
		err   string
	}{
		"of the root and on the way to a linked package": {
			map[string]string{"LICENSE": isc, "a/LICENSE_OTHER": isc, "a/b/NOTICE": "by others", "elsewhere/LICENSE": isc, "license.go": "package m"},
			[]string{"LICENSE ISC", "a/LICENSE_OTHER ISC", "a/b/NOTICE NOTICE"}, "",
		},
		"none":            {map[string]string{"README": isc}, nil, "cannot find a licence file of example.org/m v1.2.3"},
		"a notice alone":  {map[string]string{"NOTICE": "by others"}, nil, "cannot find a licence file of example.org/m v1.2.3"},
		"another licence": {map[string]string{"LICENSE": "GNU General Public License, version 3"}, nil, "0 % of example.org/m/LICENSE is the text of a licence that is accepted"},
		"another licence of a part": {
			map[string]string{"LICENSE": isc, "a/LICENSE_OTHER": "All rights reserved."}, nil, "0 % of example.org/m/a/LICENSE_OTHER",
		},
		"another licence below": {map[string]string{"LICENSE": isc + strings.Repeat("All of this is for use at home alone. ", 20)}, nil, "% of example.org/m/LICENSE"},
		"of documents only":     {map[string]string{"LICENSE.docs": isc}, nil, "cannot find a licence file"},
	} {
		dir := t.TempDir()
		for _, sub := range []string{"a/b", "elsewhere"} {
			if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		for file, text := range c.files {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		m := module{Path: "example.org/m", Version: "v1.2.3", Dir: dir, packages: []string{filepath.Join(dir, "a/b")}}
		err := m.readLicences(known)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %q", name, err, c.err)
			}
			continue
		}
		var got []string
		for _, f := range m.files {
			got = append(got, f.name+" "+f.kind)
		}
		if err != nil || strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s: %v %v, want %v", name, got, err, c.want)
		}
	}
}
