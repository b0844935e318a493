package intent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"github.com/pm2drill/pm2drill/harness/host"
)

// File is where intents are kept in PM2_HOME, by app.
const File = "pm2drill-engine.intents.json"

// Bounds of the file.
const (
	format  = 1
	maxFile = 1 << 20 // bytes; an intent takes some 250
)

// Book is the intents of one app. Its methods may be called from many goroutines.
type Book struct {
	folder *host.Folder
	app    string

	mu    sync.Mutex
	by    map[int]Intent // by worker id, as on disk
	under map[int]int    // actions under way, by worker id
	apps  map[string][]Intent
}

// content is the file.
type content struct {
	Format int                 `json:"format"`
	Apps   map[string][]Intent `json:"apps"`
}

// Open reads the intents of an app that an earlier run has left. A file that cannot be
// read is an error, and the book is empty: it may be used all the same, and the file is
// replaced by the next Begin.
func Open(folder *host.Folder, app string) (*Book, error) {
	b := &Book{folder: folder, app: app, by: map[int]Intent{}, under: map[int]int{}, apps: map[string][]Intent{}}
	text, err := folder.Read(File, maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	var c content
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err == nil && c.Format != format {
		err = fmt.Errorf("its format is %d, not %d", c.Format, format)
	}
	if err != nil {
		return b, fmt.Errorf("cannot read what an earlier run has noted in %s: %w", folder.Path(File), err)
	}
	for _, in := range c.Apps[app] {
		in.Earlier = true
		b.by[in.ID] = in
	}
	delete(c.Apps, app)
	maps.Copy(b.apps, c.Apps)
	return b, nil
}

// Earlier lists the intents that an earlier run has left and that are not settled.
func (b *Book) Earlier() []Intent {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Intent
	for _, id := range slices.Sorted(maps.Keys(b.by)) {
		if b.by[id].Earlier {
			out = append(out, b.by[id])
		}
	}
	return out
}

// Settle says that an intent of an earlier run is understood: it is this run's own from
// now on.
func (b *Book) Settle(id int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if in, ok := b.by[id]; ok {
		in.Earlier = false
		b.by[id] = in
	}
}

// Begin notes an action and returns when the note is on the disk. The worker must not be
// touched when it returns an error.
func (b *Book) Begin(in Intent) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	next := maps.Clone(b.by)
	next[in.ID] = in
	if err := b.write(next); err != nil {
		return fmt.Errorf("cannot note the %s of worker %d before it is done: %w", in.Action, in.ID, err)
	}
	b.under[in.ID]++
	return nil
}

// End says that an action has ended. What it was is kept until Keep is told otherwise.
func (b *Book) End(id int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.under[id] > 1 {
		b.under[id]--
	} else {
		delete(b.under, id)
	}
}

// Keep removes the intents of workers that are neither held, nor under an action, nor left
// by an earlier run and not settled.
func (b *Book) Keep(held func(id int) bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	next := maps.Clone(b.by)
	maps.DeleteFunc(next, func(id int, in Intent) bool { return b.under[id] == 0 && !in.Earlier && !held(id) })
	if len(next) == len(b.by) {
		return nil
	}
	if err := b.write(next); err != nil {
		return fmt.Errorf("cannot note what is done: %w", err)
	}
	return nil
}

// write puts intents on the disk. b.mu is held.
func (b *Book) write(next map[int]Intent) error {
	c := content{Format: format, Apps: maps.Clone(b.apps)}
	for _, id := range slices.Sorted(maps.Keys(next)) {
		c.Apps[b.app] = append(c.Apps[b.app], next[id])
	}
	text, err := json.Marshal(c)
	if err == nil {
		err = b.folder.Replace(File, text)
	}
	if err == nil {
		b.by = next
	}
	return err
}
