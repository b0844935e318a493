package observer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/host"
)

// journalEvery is how often the app's journal is looked at.
const journalEvery = 200 * time.Millisecond

// followJournal prints what the app's processes write in their journal, soon after they
// do, and at once when it is asked.
func (o *observer) followJournal(ctx context.Context, asked <-chan struct{}) {
	j := journal{dir: o.cfg.Space.Path(o.cfg.Journal), read: map[string]int64{}}
	tick := time.NewTicker(journalEvery)
	defer tick.Stop()
	for {
		wanted := false
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-asked:
			wanted = true
			o.poke() // a last look at the rest, too
		}
		if err := j.news(func(s evidence.Served) { o.w.line(evidence.Line{Served: &s}) }); err != nil {
			o.w.fail(fmt.Errorf("cannot read the app's journal: %w", err))
			o.stop()
			return
		}
		if wanted {
			o.w.line(evidence.Line{Mark: &evidence.Mark{At: host.Now(), Name: evidence.MarkJournal}})
		}
	}
}

// journal is a folder with a file for each process of the app, to which that one alone
// appends lines.
type journal struct {
	dir  string
	read map[string]int64 // of each file, how much was told
}

// news tells of every line that was not told before. A line without its end is left for
// the next time; a process that was killed in the middle of a write has left it for ever.
func (j journal) news(tell func(evidence.Served)) error {
	files, err := os.ReadDir(j.dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		info, err := f.Info()
		if errors.Is(err, os.ErrNotExist) || (err == nil && info.Size() == j.read[f.Name()]) {
			continue
		}
		if err == nil {
			err = j.rest(f.Name(), tell)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rest tells of what a file has that was not told.
func (j journal) rest(name string, tell func(evidence.Served)) error {
	f, err := os.Open(filepath.Join(j.dir, name))
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Seek(j.read[name], io.SeekStart); err != nil {
		return err
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	for line := range bytes.Lines(text) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		var s evidence.Served
		if err := json.Unmarshal(line, &s); err != nil {
			return fmt.Errorf("%s, at byte %d: %w", name, j.read[name], err)
		}
		tell(s)
		j.read[name] += int64(len(line))
	}
	return nil
}
