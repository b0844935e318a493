package evidence

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Add appends what a line carries. A Progress line carries nothing that is
// kept.
func (r *Record) Add(l Line) {
	switch {
	case l.Header != nil:
		r.Header = *l.Header
	case l.Mark != nil:
		r.Marks = append(r.Marks, *l.Mark)
	case l.Request != nil:
		r.Requests = append(r.Requests, *l.Request)
	case l.Tally != nil:
		r.Tallies = append(r.Tallies, *l.Tally)
	case l.Stream != nil:
		r.Streams = append(r.Streams, *l.Stream)
	case l.StreamTally != nil:
		r.StreamTallies = append(r.StreamTallies, *l.StreamTally)
	case l.Served != nil:
		r.Served = append(r.Served, *l.Served)
	case l.JobRun != nil:
		r.JobRuns = append(r.JobRuns, *l.JobRun)
	case l.Snapshot != nil:
		r.Snapshots = append(r.Snapshots, *l.Snapshot)
	case l.Event != nil:
		r.Events = append(r.Events, *l.Event)
	case l.Exit != nil:
		r.Exits = append(r.Exits, *l.Exit)
	case l.File != nil:
		r.Files = append(r.Files, *l.File)
	case l.Usage != nil:
		r.Usages = append(r.Usages, *l.Usage)
	case l.Claim != nil:
		r.Claims = append(r.Claims, *l.Claim)
	case l.Alert != nil:
		r.Alerts = append(r.Alerts, *l.Alert)
	case l.End != nil:
		r.Cut = l.End.Cut
	}
}

// Lines returns the record as the lines of its file, header first, End last.
func (r *Record) Lines() []Line {
	head := r.Header
	head.Format = Format
	lines := []Line{{Header: &head}}
	for i := range r.Marks {
		lines = append(lines, Line{Mark: &r.Marks[i]})
	}
	for i := range r.Snapshots {
		lines = append(lines, Line{Snapshot: &r.Snapshots[i]})
	}
	for i := range r.Events {
		lines = append(lines, Line{Event: &r.Events[i]})
	}
	for i := range r.Exits {
		lines = append(lines, Line{Exit: &r.Exits[i]})
	}
	for i := range r.Files {
		lines = append(lines, Line{File: &r.Files[i]})
	}
	for i := range r.Usages {
		lines = append(lines, Line{Usage: &r.Usages[i]})
	}
	for i := range r.Claims {
		lines = append(lines, Line{Claim: &r.Claims[i]})
	}
	for i := range r.Alerts {
		lines = append(lines, Line{Alert: &r.Alerts[i]})
	}
	for i := range r.JobRuns {
		lines = append(lines, Line{JobRun: &r.JobRuns[i]})
	}
	for i := range r.Tallies {
		lines = append(lines, Line{Tally: &r.Tallies[i]})
	}
	for i := range r.StreamTallies {
		lines = append(lines, Line{StreamTally: &r.StreamTallies[i]})
	}
	for i := range r.Streams {
		lines = append(lines, Line{Stream: &r.Streams[i]})
	}
	for i := range r.Requests {
		lines = append(lines, Line{Request: &r.Requests[i]})
	}
	for i := range r.Served {
		lines = append(lines, Line{Served: &r.Served[i]})
	}
	return append(lines, Line{End: &End{Cut: r.Cut}})
}

// Packed is how the name of a compressed evidence file ends.
const Packed = ".gz"

// Save writes the record to path as JSON lines, compressed by gzip where the name ends in
// Packed. The file appears whole or not at all.
func (r *Record) Save(path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".evidence-*")
	if err != nil {
		return fmt.Errorf("cannot save evidence: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("cannot save evidence to %s: %w", path, err), os.Remove(f.Name()))
		}
	}()
	write := r.Write
	if strings.HasSuffix(path, Packed) {
		write = r.pack
	}
	if err := errors.Join(write(f), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// pack writes the record as JSON lines, compressed.
func (r *Record) pack(out io.Writer) error {
	z := gzip.NewWriter(out)
	return errors.Join(r.Write(z), z.Close())
}

// Write writes the record as JSON lines.
func (r *Record) Write(out io.Writer) error {
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	for _, l := range r.Lines() {
		if err := enc.Encode(l); err != nil {
			return err
		}
	}
	return w.Flush()
}

// Load reads a record that Save or an Appender wrote, compressed or not.
func Load(path string) (*Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot load evidence: %w", err)
	}
	defer f.Close()
	r, err := unpack(f)
	if err != nil {
		return nil, fmt.Errorf("cannot load evidence %s: %w", path, err)
	}
	return r, nil
}

// gzipMagic is what every gzip file begins with (RFC 1952, 2.3.1).
const gzipMagic = "\x1f\x8b"

// unpack reads a record from JSON lines, or from those compressed.
func unpack(in io.Reader) (*Record, error) {
	b := bufio.NewReader(in)
	if head, err := b.Peek(len(gzipMagic)); err != nil || !bytes.Equal(head, []byte(gzipMagic)) {
		return Read(b) // which says what is wrong of a file that is shorter
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, err
	}
	return Read(z)
}
