// Package folder writes what a run leaves on disk, and reads it back: report.json and the
// evidence, beside them the page, the summary and junit.xml; and the same of a run under way.
package folder

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/page"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// Names of the files in a report's folder.
const (
	fileMarkdown  = "summary.md"
	fileJSON      = "report.json"
	fileJUnit     = "junit.xml"
	fileRehearsal = "rehearsal.json" // of a rehearsal alone
	PermFile      = 0o644
	permFolder    = 0o755
	stagePattern  = "report-*"
)

// File is one of a report's files.
type File struct {
	Name  string
	Write func(io.Writer) error
}

// Write writes the report to the folder dir: report.html, report.json,
// summary.md, junit.xml and evidence/<scenario>-<arm>.jsonl.gz. Everything is written to
// dir/unfinished first and renamed into place, so that a full disk or a kill leaves no
// half-written file; then that folder is removed, with whatever Begin has put there.
// What else lies in dir is left alone.
func Write(dir string, r report.Digest) error { return WriteWith(dir, r) }

// WriteWith writes the report to the folder dir as Write does, and more files with it.
func WriteWith(dir string, r report.Digest, more ...File) (err error) {
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
func fill(stage string, r report.Digest, more []File) ([]string, error) {
	if err := os.Mkdir(filepath.Join(stage, report.DirEvidence), permFolder); err != nil {
		return nil, err
	}
	var files []string
	for _, d := range r.Drills {
		if d.Record == nil {
			continue
		}
		name := report.EvidencePath(d.Key)
		if err := d.Record.Save(filepath.Join(stage, name)); err != nil {
			return nil, err
		}
		files = append(files, name)
	}
	for i, d := range r.Voids {
		name := buildVoidPath(r.Report, i)
		if err := d.Record.Save(filepath.Join(stage, name)); err != nil {
			return nil, err
		}
		files = append(files, name)
	}
	of := func(write func(io.Writer, report.Digest) error) func(io.Writer) error {
		return func(w io.Writer) error { return write(w, r) }
	}
	if r.Rehearsal != nil {
		more = append(listRehearsalFiles(r.Rehearsal), more...)
	}
	usual := []File{{fileJSON, of(JSON)}, {fileJUnit, of(render.JUnit)}, {fileMarkdown, of(writeMarkdown)}}
	for _, f := range slices.Concat(usual, more, []File{{render.FileHTML, of(page.HTML)}}) {
		if err := create(filepath.Join(stage, f.Name), f.Write); err != nil {
			return nil, err
		}
		files = append(files, f.Name)
	}
	return files, nil
}

// listRehearsalFiles returns the additional files of a rehearsal's report.
func listRehearsalFiles(x *report.Rehearsal) []File {
	out := []File{{fileRehearsal, func(w io.Writer) error { return Encode(w, x) }}}
	for _, a := range render.Advices(x) {
		if a.File != "" {
			out = append(out, File{a.File, func(w io.Writer) error { _, err := io.WriteString(w, a.Text); return err }})
		}
	}
	return out
}

func writeMarkdown(w io.Writer, r report.Digest) error {
	_, err := io.WriteString(w, render.Markdown(r))
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
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, PermFile)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// settle moves the staged files into place, file by file.
func settle(stage, dir string, files []string) error {
	if err := os.MkdirAll(filepath.Join(dir, report.DirEvidence), permFolder); err != nil {
		return err
	}
	for _, name := range files {
		if err := os.Rename(filepath.Join(stage, name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}
