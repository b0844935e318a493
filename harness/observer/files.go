package observer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/host"
)

// filesEvery is how often the app's files and PM2's logs are looked at. A change that is
// taken back meanwhile shows all the same: the kernel keeps the time of it.
const filesEvery = 2 * time.Second

// Bounds of what is looked at.
const (
	mostFiles = 2000
	mostSum   = 1 << 20 // bytes of a file whose content is summed up
)

// followFiles prints the files once, and each that has changed since.
func (o *observer) followFiles(ctx context.Context) {
	f := files{space: o.cfg.Space, app: o.cfg.Files, home: o.cfg.Home, known: map[string]evidence.File{}, looked: host.Now()}
	tick := time.NewTicker(filesEvery)
	defer tick.Stop()
	for {
		f.look(func(x evidence.File) { o.w.writeLine(evidence.Line{File: &x}) })
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// files are the app's files and PM2's logs as they were found last.
type files struct {
	space  *host.Space // whose files they are; paths are its own
	app    []string    // folders of the app
	home   string      // PM2_HOME
	known  map[string]evidence.File
	looked time.Duration // when they were looked at last
}

// look tells of every file that is new, changed or gone. A folder or file that goes while
// it is looked at is found to be gone the next time.
func (f *files) look(tell func(evidence.File)) {
	now, found := host.Now(), map[string]bool{}
	see := func(path string, log bool) {
		found[path] = true
		was, known := f.known[path]
		if x, err := f.statFile(path, log, was); err == nil && (!known || isChanged(was, x)) {
			f.known[path] = x
			tell(x)
		}
	}
	for _, dir := range f.app {
		for _, path := range f.listSources(dir) {
			see(path, false)
		}
	}
	for _, path := range f.listLogs() {
		see(path, true)
	}
	for path, was := range f.known {
		if !found[path] && !was.Gone {
			x := evidence.File{At: f.findRemoval(path, now), Path: path, Log: was.Log, Gone: true}
			f.known[path] = x
			tell(x)
		}
	}
	f.looked = now
}

// listLogs returns the paths of PM2's own logs and of those of the apps that it runs.
func (f *files) listLogs() []string {
	found, _ := filepath.Glob(f.space.Path(filepath.Join(f.home, "logs", "*.log"))) // the pattern is well formed
	logs := make([]string, 0, len(found)+1)
	for _, path := range found {
		logs = append(logs, f.trimRoot(path))
	}
	if own := filepath.Join(f.home, "pm2.log"); f.hasFile(own) {
		logs = append(logs, own)
	}
	return logs
}

func (f *files) hasFile(path string) bool {
	_, err := os.Lstat(f.space.Path(path))
	return err == nil
}

// trimRoot returns what the cluster's processes call a file that was found.
func (f *files) trimRoot(path string) string { return strings.TrimPrefix(path, f.space.Path("")) }

// listSources returns the files of a folder that an app is made of, except what git has put
// there. A module that somebody adds is loaded before those that lie further up.
func (f *files) listSources(dir string) []string {
	var out []string
	_ = filepath.WalkDir(f.space.Path(dir), func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil // it is not there, or not any more
		case len(out) == mostFiles:
			return fs.SkipAll
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case !d.IsDir():
			out = append(out, f.trimRoot(path))
		}
		return nil
	})
	return out
}

// statFile returns what a file is now. was is what it was: the sum of one that nobody has
// touched is not computed again.
func (f *files) statFile(path string, log bool, was evidence.File) (evidence.File, error) {
	info, err := os.Lstat(f.space.Path(path))
	if err != nil {
		return evidence.File{}, err
	}
	sys, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return evidence.File{}, errors.ErrUnsupported
	}
	x := evidence.File{At: convertToRecord(getChangeTime(sys)), Path: path, Log: log, Inode: sys.Ino, Size: info.Size()}
	switch {
	case log || !info.Mode().IsRegular() || info.Size() > mostSum:
	case x.Inode == was.Inode && isNear(x.At, was.At):
		x.Sum = was.Sum
	default:
		text, err := os.ReadFile(f.space.Path(path))
		if err != nil {
			return x, fmt.Errorf("cannot sum up %s: %w", path, err)
		}
		sum := sha256.Sum256(text)
		x.Sum = hex.EncodeToString(sum[:8])
	}
	return x, nil
}

// isChanged reports whether a file is another one than it was. A log only grows, and its
// file stays.
func isChanged(was, is evidence.File) bool {
	if is.Log {
		return was.Gone || was.Inode != is.Inode || is.Size < was.Size
	}
	return was.Gone || was.Inode != is.Inode || !isNear(was.At, is.At)
}

// isNear reports whether two times are one, each converted from another clock.
func isNear(a, b time.Duration) bool { return (a - b).Abs() < 50*time.Millisecond }

// convertToRecord converts a moment of the wall clock to the record's clock.
func convertToRecord(t time.Time) time.Duration { return host.Now() - time.Since(t) }

// findRemoval returns when a file went that is not there any more: when its folder was
// changed, if that was since the last look.
func (f *files) findRemoval(path string, now time.Duration) time.Duration {
	dir, err := f.statFile(strings.TrimSuffix(filepath.Dir(path), "/"), true, evidence.File{})
	if err == nil && dir.At > f.looked && dir.At < now {
		return dir.At
	}
	return now
}
