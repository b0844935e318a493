package remedy

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/intent"
)

// Files the engine keeps in PM2_HOME, beside intent.File and the kill switch. A dry run writes none of them.
const (
	lockFile  = "pm2drill-engine.lock"        // one engine per daemon
	auditFile = "pm2drill-engine.audit.jsonl" // everything it said
	askedFile = "pm2drill-engine.asked.json"  // what it asks people's approval for
)

// notes are what the engine writes down. A dry run has neither folder nor shelf.
type notes struct {
	folder *host.Folder
	lock   *os.File
	shelf  *intent.Shelf
	unread error  // why the notes of an earlier run cannot be read
	host   string // name of this machine
	silent bool   // that the audit file takes nothing has been said; the lock of stdout guards it

	mu     sync.Mutex // guards the audit file and what follows
	kept   AuditSize
	asked  []Asked
	paused bool // the kill switch is on
}

// errTaken: another engine looks after the same daemon.
var errTaken = errors.New("another engine looks after apps of it, and there can be one: name all apps to one engine (--app may be repeated), end the other one first, give --standby to take over when it ends, or --dry-run, which takes no lock")

// takeNotes locks PM2_HOME for this engine and reads what an earlier run has noted. The
// lock goes with the process; turn is one that the engine has already (awaitTurn), or nil.
func takeNotes(home string, dry bool, turn *os.File) (*notes, error) {
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
	if n.lock = turn; turn == nil {
		n.lock, err = takeTurn(folder)
	}
	if err != nil {
		n.close()
		return nil, fmt.Errorf("cannot lock PM2_HOME %s: %w", home, err)
	}
	n.shelf, n.unread = intent.Open(folder)
	if err := n.forgetAsked(); err != nil {
		n.close()
		return nil, fmt.Errorf("cannot forget what an earlier run has asked: %w", err)
	}
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
