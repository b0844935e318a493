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

// Shelf is the file, with the books of all apps.
type Shelf struct {
	folder *host.Folder

	mu   sync.Mutex
	apps map[string][]Intent // as on disk
}

// Book is the intents of one app. Its methods may be called from many goroutines.
type Book struct {
	shelf *Shelf
	app   string

	mu    sync.Mutex
	by    map[int]Intent // by worker id, as on disk
	under map[int]int    // actions under way, by worker id
}

// content is the file.
type content struct {
	Format int                 `json:"format"`
	Apps   map[string][]Intent `json:"apps"`
}

// Open reads the intents that an earlier run has left. A file that cannot be read is an
// error, and the shelf is empty: it may be used all the same, and the file is replaced by the
// next Begin of a book.
func Open(folder *host.Folder) (*Shelf, error) {
	s := &Shelf{folder: folder, apps: map[string][]Intent{}}
	text, err := folder.Read(File, maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	var c content
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err == nil && c.Format != format {
		err = fmt.Errorf("its format is %d, not %d", c.Format, format)
	}
	if err != nil {
		return s, fmt.Errorf("cannot read what an earlier run has noted in %s: %w", folder.Path(File), err)
	}
	maps.Copy(s.apps, c.Apps)
	return s, nil
}

// Book returns the intents of an app. There must be one book of an app at a time.
func (s *Shelf) Book(app string) *Book {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &Book{shelf: s, app: app, by: map[int]Intent{}, under: map[int]int{}}
	for _, in := range s.apps[app] {
		in.Earlier = true
		b.by[in.ID] = in
	}
	return b
}

// replace puts the intents of one app on the disk, beside those of the others.
func (s *Shelf) replace(app string, intents []Intent) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := content{Format: format, Apps: maps.Clone(s.apps)}
	if c.Apps[app] = intents; len(intents) == 0 {
		delete(c.Apps, app)
	}
	text, err := json.Marshal(c)
	if err == nil {
		err = s.folder.Replace(File, text)
	}
	if err == nil {
		s.apps = c.Apps
	}
	return err
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

// Resume leaves an action unfinished, as one that an earlier run has left: it is settled later.
func (b *Book) Resume(id int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.under, id)
	if in, ok := b.by[id]; ok {
		in.Earlier = true
		b.by[id] = in
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
	var all []Intent
	for _, id := range slices.Sorted(maps.Keys(next)) {
		all = append(all, next[id])
	}
	err := b.shelf.replace(b.app, all)
	if err == nil {
		b.by = next
	}
	return err
}
