package folder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report"
)

// dirUnfinished is what a report's folder has while its run is under way, and keeps if
// that is killed: a report of the drills that are to come, and the evidence of each as
// far as it has got.
//
//	Begin -> unfinished/report.json        Write -> report.json, ...
//	Grow  -> unfinished/evidence/*.jsonl            unfinished/ is removed
const dirUnfinished = "unfinished"

// Begin writes to the folder dir what a run is about to drill: r, whose drills have no
// records yet.
func Begin(dir string, r report.Report) error {
	at := filepath.Join(dir, dirUnfinished)
	err := os.MkdirAll(filepath.Join(at, report.DirEvidence), permFolder)
	if err == nil {
		err = replace(filepath.Join(at, fileJSON), func(w io.Writer) error { return Encode(w, buildUnfinished(r)) })
	}
	if err != nil {
		return fmt.Errorf("cannot write to the report folder %s: %w", dir, err)
	}
	return nil
}

// buildGrowingPath returns the path of the evidence of a drill under way within its
// folder: it is not compressed, so that all that a killed run has written can be read.
func buildGrowingPath(key string) string {
	return strings.TrimSuffix(report.EvidencePath(key), evidence.Packed)
}

// buildUnfinished returns the report.json of a run under way: each drill has a place for
// its evidence.
func buildUnfinished(r report.Report) document {
	doc := buildDocument(report.DigestOf(r))
	doc.Unfinished = true
	for i := range doc.Drills {
		doc.Drills[i].Evidence = buildGrowingPath(doc.Drills[i].Key)
	}
	return doc
}

// Grow opens the file in which the evidence of the i-th drill of r is kept while that
// runs, in the folder dir, to which Begin has written r. What an earlier try has left,
// which the host has spoiled, gets the name of a void drill.
func Grow(dir string, r report.Report, i int) (io.WriteCloser, error) {
	dir, key := filepath.Join(dir, dirUnfinished), r.Keys("-")[i]
	name := filepath.Join(dir, buildGrowingPath(key))
	if err := os.Rename(name, filepath.Join(dir, buildGrowingPath(buildVoidKey(key)))); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, PermFile)
}

// LoadUnfinished reads what a run has left in dir that never wrote its report: there is
// no page to look at. A drill that had not begun has no record.
func LoadUnfinished(dir string) (report.Report, error) {
	r, err := Load(filepath.Join(dir, dirUnfinished))
	r.Dir = ""
	for i, d := range r.Drills {
		if d.Record != nil && d.Record.Header.Scenario == "" {
			r.Drills[i].Record = nil // killed before its first line was written
		}
	}
	return r, err
}

// IsUnfinished reports whether a run has begun in dir and not written its report there.
func IsUnfinished(dir string) bool {
	_, begun := os.Stat(filepath.Join(dir, dirUnfinished, fileJSON))
	_, written := os.Stat(filepath.Join(dir, fileJSON))
	return begun == nil && errors.Is(written, fs.ErrNotExist)
}

// Forget removes what Begin has made in the folder dir, and that too if nothing else is
// in it.
func Forget(dir string) error {
	if err := os.RemoveAll(filepath.Join(dir, dirUnfinished)); err != nil {
		return fmt.Errorf("cannot remove what was kept of the run: %w", err)
	}
	_ = os.Remove(dir) // it may have traces in it
	return nil
}

// Encode writes doc as indented JSON.
func Encode(w io.Writer, doc any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}
