package evidence

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// maxLine bounds one line of an evidence file, in bytes. An alert is the longest.
const maxLine = 4 << 20

// Format is the number of the form that this version writes. The rule: a field or a
// kind of line that a judge can do without may be added under the same number.
// Whatever else changes gets the next one, and Read makes of every older form what
// this one would have been. A newer one it refuses: it cannot know what it would miss.
//
//	1  until November 2026: no number, no End; the file appeared when the drill was over
//	2  numbered, written while the drill runs, and whole where its last line is an End
const Format = 2

// Read reads evidence lines until the reader ends. A malformed line is an error
// that names its number: evidence with a hole in it proves nothing. Only the last
// one may be cut, in a file that has no End: its writer was killed. Cut says so then,
// whatever else the record shows.
func Read(in io.Reader) (*Record, error) {
	r := &Record{}
	ended, cut := false, false
	sc := bufio.NewScanner(in)
	sc.Buffer(make([]byte, 64<<10), maxLine)
	sc.Split(scanLines)
	for n := 1; sc.Scan(); n++ {
		raw := sc.Bytes()
		if n == 1 {
			if err := checkFormat(raw); err != nil {
				return nil, err
			}
		}
		var l Line
		if err := json.Unmarshal(raw, &l); err != nil {
			// A line without its end is the last one.
			if cut = !bytes.HasSuffix(raw, []byte("\n")) && (n == 1 || r.Header.Format > 1); cut {
				break
			}
			return nil, fmt.Errorf("cannot read line %d: %w", n, err)
		}
		if ended {
			return nil, fmt.Errorf("cannot read line %d: the record has ended before it", n)
		}
		ended = l.End != nil
		r.Add(l)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("cannot read evidence: %w", err)
	}
	if cut || (!ended && r.Header.Format > 1) {
		r.Cut = r.describeBreak()
	}
	r.Header.Format = Format
	return r, nil
}

// scanLines does what bufio.ScanLines does, and leaves each line its end, by which a
// whole line is known.
func scanLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i+1], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

// checkFormat refuses a file of a format that this version does not know. The header is
// read for that alone: more of it need not be what this version takes it for.
func checkFormat(header []byte) error {
	var l struct {
		Header struct {
			Format  int    `json:"format"`
			Program string `json:"program"`
		} `json:"header"`
	}
	_ = json.Unmarshal(header, &l) // whoever reads the line says what is wrong with it
	if h := l.Header; h.Format > Format {
		return fmt.Errorf("it is of format %d, and this pm2drill knows formats up to %d: use the one that wrote it (%s), or a later one",
			h.Format, Format, cmp.Or(h.Program, "which it does not say"))
	}
	return nil
}

// describeBreak says where a record without an end stops.
func (r *Record) describeBreak() string {
	if r.Header.Scenario == "" {
		return "it had not begun when its harness was killed"
	}
	return fmt.Sprintf("its harness was killed, and the evidence breaks off %.1f s after the start", max(0, r.Last()-r.Header.Start).Seconds())
}

// Last is the moment of the last thing on record.
func (r *Record) Last() time.Duration {
	t := r.Header.Start
	for i := range r.Marks {
		t = max(t, r.Marks[i].At)
	}
	for i := range r.Requests {
		t = max(t, r.Requests[i].Done)
	}
	for i := range r.Served {
		t = max(t, r.Served[i].At)
	}
	for i := range r.Snapshots {
		t = max(t, r.Snapshots[i].At)
	}
	for i := range r.Events {
		t = max(t, r.Events[i].At)
	}
	return t
}
