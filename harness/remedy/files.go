package remedy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/intent"
)

// Files the engine keeps in PM2_HOME, beside intent.File and the kill switch. A dry run writes none of them.
const (
	lockFile  = "pm2drill-engine.lock"        // one engine per daemon
	auditFile = "pm2drill-engine.audit.jsonl" // everything it said
)

// maxAudit is the size at which the audit file is put aside (as FILE.1), in bytes.
const maxAudit = 8 << 20

// notes are what the engine writes down. A dry run has neither folder nor shelf.
type notes struct {
	folder *host.Folder
	lock   *os.File
	shelf  *intent.Shelf
	unread error  // why the notes of an earlier run cannot be read
	host   string // name of this machine

	mu sync.Mutex // guards the audit file
}

// errTaken: another engine looks after the same daemon.
var errTaken = errors.New("another engine looks after apps of it, and there can be one: name all apps to one engine (--app may be repeated), end the other one first, or give --dry-run, which takes no lock")

// takeNotes locks PM2_HOME for this engine and reads what an earlier run has noted. The
// lock goes with the process.
func takeNotes(home string, dry bool) (*notes, error) {
	n := &notes{}
	n.host, _ = os.Hostname() // without it, alerts lack the name
	if dry {
		return n, nil
	}
	folder, err := host.OpenFolder(home)
	if err != nil {
		return nil, fmt.Errorf("cannot lock PM2_HOME: %w", err)
	}
	n.folder = folder
	if n.lock, err = folder.Open(lockFile, os.O_CREATE|os.O_RDWR); err == nil {
		err = unix.Flock(int(n.lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	}
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = errTaken
	}
	if err != nil {
		n.close()
		return nil, fmt.Errorf("cannot lock PM2_HOME %s: %w", home, err)
	}
	n.shelf, n.unread = intent.Open(folder)
	return n, nil
}

// openBook returns the intents of an app, nil in a dry run.
func (n *notes) openBook(app App) *intent.Book {
	if n.shelf == nil {
		return nil
	}
	return n.shelf.Book(app.Namespace + "/" + app.Name)
}

func (n *notes) close() {
	if n.lock != nil {
		_ = n.lock.Close() // it holds nothing but the lock
	}
	if n.folder != nil {
		_ = n.folder.Close() // nothing is written through it
	}
}

// audit appends a line to the audit file, with the wall time and the machine.
func (n *notes) audit(l engine.Line) error {
	if n.folder == nil {
		return nil
	}
	text, err := json.Marshal(audited{time.Now().UTC(), n.host, l})
	if err != nil {
		return fmt.Errorf("cannot encode a line for the audit file: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	f, err := n.openAudit()
	if err != nil {
		return fmt.Errorf("cannot open the audit file: %w", err)
	}
	defer f.Close()
	_, err = f.Write(append(text, '\n'))
	return err
}

// audited is a line of the audit file: when it was said, by the wall clock, and where.
type audited struct {
	Time time.Time `json:"time"`
	Host string    `json:"host"`
	engine.Line
}

// openAudit opens the audit file, a new one where it has grown too long.
func (n *notes) openAudit() (*os.File, error) {
	const flags = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	f, err := n.folder.Open(auditFile, flags)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil || info.Size() <= maxAudit {
		return f, err
	}
	_ = f.Close() // nothing was written
	if err := n.folder.Rename(auditFile, auditFile+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return n.folder.Open(auditFile, flags)
}
