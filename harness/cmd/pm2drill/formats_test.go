package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// TestFormats judges evidence that older versions have stored, and finds what those
// have found.
func TestFormats(t *testing.T) {
	folders, err := filepath.Glob("testdata/evidence/*/rulings.txt")
	if err != nil || len(folders) < evidence.Format {
		t.Fatalf("there is evidence of only %d formats (%v)", len(folders), err)
	}
	for _, golden := range folders {
		t.Run(filepath.Base(filepath.Dir(golden)), func(t *testing.T) {
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			dir := unpacked(t, filepath.Dir(golden))
			r, err := judgeFolder(dir)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range r.Drills {
				for _, x := range d.Rulings {
					got = append(got, fmt.Sprintf("%s %s %s: %s: %s\n", d.Scenario, d.Arm, x.Name, x.Verdict, x.Because))
				}
			}
			for line := range strings.Lines(string(want)) {
				if !slices.Contains(got, line) {
					t.Errorf("it was judged then:\n%sand is judged now:\n%s", line, strings.Join(got, ""))
				}
			}
			checkCuts(t, dir)
		})
	}
}

// checkCuts cuts every numbered file at some of its bytes: nothing that is left of it
// may prove anything.
func checkCuts(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "evidence", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no evidence in %s (%v)", dir, err)
	}
	for _, file := range files {
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(whole, []byte(`{"header":{"format":`)) {
			continue // one that is not numbered has appeared whole or not at all
		}
		first := bytes.IndexByte(whole, '\n') + 1
		for at := first; at < len(whole)-1; at += (len(whole) - first) / 40 {
			r, err := evidence.Read(bytes.NewReader(whole[:at]))
			if err != nil {
				t.Fatalf("%s cut at byte %d: %v", file, at, err)
			}
			d, err := rejudge(r)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range d.Rulings {
				if x.Verdict != promise.Inconclusive || !strings.Contains(x.Because, "the drill ended before its end") {
					t.Fatalf("%s cut at byte %d: %s is %s: %s", file, at, x.Name, x.Verdict, x.Because)
				}
			}
		}
	}
}

// unpacked is a report folder with the evidence of another one, which is packed.
func unpacked(t *testing.T, from string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "evidence"), 0o755); err != nil {
		t.Fatal(err)
	}
	packed, err := filepath.Glob(filepath.Join(from, "*.gz"))
	if err != nil || len(packed) == 0 {
		t.Fatalf("there is nothing in %s (%v)", from, err)
	}
	for _, name := range packed {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, "evidence", strings.TrimSuffix(filepath.Base(name), ".gz"))
		if err := os.WriteFile(to, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
