package report

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// Names of the files in a report's folder. The page comes last: where it is,
// everything it speaks of is.
const (
	fileHTML      = "report.html"
	fileMarkdown  = "summary.md"
	fileJSON      = "report.json"
	fileJUnit     = "junit.xml"
	fileRehearsal = "rehearsal.json" // of a rehearsal alone
	dirEvidence   = "evidence"
	permFile      = 0o644
	permFolder    = 0o755
	stagePattern  = "report-*"
)

// Names of what a gate adds to them.
const (
	fileConformance = "conformance.json"
	fileStatement   = "conformance.md"
	fileBadge       = "badge.svg"
)

// file is one of a report's files.
type file struct {
	name  string
	write func(io.Writer) error
}

// evidencePath is where a drill's evidence lies within the report's folder.
func evidencePath(key string) string { return path.Join(dirEvidence, key+".jsonl") }

// Write writes the report to the folder dir: report.html, report.json,
// summary.md, junit.xml and evidence/<scenario>-<arm>.jsonl. Everything is written to
// dir/unfinished first and renamed into place, so that a full disk or a kill leaves no
// half-written file; then that folder is removed, with whatever Begin has put there.
// What else lies in dir is left alone.
func Write(dir string, r Report) error { return write(dir, r) }

// WriteGate writes the report and with it conformance.json, conformance.md and
// badge.svg, all as Write does.
func WriteGate(dir string, s Statement) error {
	return write(dir, s.report, file{fileConformance, s.JSON}, file{fileStatement, s.Markdown}, file{fileBadge, s.Badge})
}

func write(dir string, r Report, more ...file) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("cannot write report to %s: %w", dir, err)
		}
	}()
	unfinished := filepath.Join(dir, dirUnfinished)
	if err := os.MkdirAll(unfinished, permFolder); err != nil {
		return err
	}
	stage, err := os.MkdirTemp(unfinished, stagePattern)
	if err != nil {
		return err
	}
	files, err := fill(stage, r, more)
	if err == nil {
		err = settle(stage, dir, files)
	}
	if err != nil {
		err = errors.Join(err, os.RemoveAll(stage))
		_, _ = os.Remove(unfinished), os.Remove(dir) // unless a run has left something in them
		return err
	}
	return os.RemoveAll(unfinished)
}

// fill writes every file to the folder stage and returns their paths within it,
// in the order in which they should appear.
func fill(stage string, r Report, more []file) ([]string, error) {
	if err := os.Mkdir(filepath.Join(stage, dirEvidence), permFolder); err != nil {
		return nil, err
	}
	var files []string
	for i, key := range r.keys("-") {
		if r.Drills[i].Record == nil {
			continue
		}
		name := evidencePath(key)
		if err := r.Drills[i].Record.Save(filepath.Join(stage, name)); err != nil {
			return nil, err
		}
		files = append(files, name)
	}
	for i, d := range r.Voids {
		name := voidPath(r, i)
		if err := d.Record.Save(filepath.Join(stage, name)); err != nil {
			return nil, err
		}
		files = append(files, name)
	}
	of := func(write func(io.Writer, Report) error) func(io.Writer) error {
		return func(w io.Writer) error { return write(w, r) }
	}
	if r.Rehearsal != nil {
		more = append(rehearsalFiles(r.Rehearsal), more...)
	}
	usual := []file{{fileJSON, of(JSON)}, {fileJUnit, of(JUnit)}, {fileMarkdown, of(markdown)}}
	for _, f := range slices.Concat(usual, more, []file{{fileHTML, of(HTML)}}) {
		if err := create(filepath.Join(stage, f.name), f.write); err != nil {
			return nil, err
		}
		files = append(files, f.name)
	}
	return files, nil
}

// rehearsalFiles are what a rehearsal's report has besides.
func rehearsalFiles(x *Rehearsal) []file {
	out := []file{{fileRehearsal, func(w io.Writer) error { return encode(w, x) }}}
	if x.Patch != "" {
		out = append(out, file{filePatch, func(w io.Writer) error { _, err := io.WriteString(w, x.Patch); return err }})
	}
	return out
}

func markdown(w io.Writer, r Report) error {
	_, err := io.WriteString(w, Markdown(r))
	return err
}

// WriteFile writes one page to a file. What was there before is replaced only when all
// of the new one is on disk.
func WriteFile(name string, write func(io.Writer) error) error {
	if err := replace(name, write); err != nil {
		return fmt.Errorf("cannot write %s: %w", name, err)
	}
	return nil
}

func replace(name string, write func(io.Writer) error) error {
	stage, err := os.MkdirTemp(filepath.Dir(name), stagePattern)
	if err != nil {
		return err
	}
	staged := filepath.Join(stage, filepath.Base(name))
	if err = create(staged, write); err == nil {
		err = os.Rename(staged, name)
	}
	return errors.Join(err, os.RemoveAll(stage))
}

func create(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, permFile)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// settle moves the staged files into place, file by file.
func settle(stage, dir string, files []string) error {
	if err := os.MkdirAll(filepath.Join(dir, dirEvidence), permFolder); err != nil {
		return err
	}
	for _, name := range files {
		if err := os.Rename(filepath.Join(stage, name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}
