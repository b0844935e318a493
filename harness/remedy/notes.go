package remedy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// Files the engine keeps in PM2_HOME. A dry run writes none of them.
const (
	killSwitch = "pm2drill-engine.off"         // while it exists the engine does nothing
	lockFile   = "pm2drill-engine.lock"        // one engine per daemon
	auditFile  = "pm2drill-engine.audit.jsonl" // everything it said
	heldFile   = "pm2drill-engine.held.json"   // workers it has stopped, by app
)

// maxAudit is the size at which the audit file is put aside (as FILE.1), in bytes.
const maxAudit = 8 << 20

// paused reports whether the operator has thrown the kill switch.
func paused(home string) bool {
	_, err := os.Stat(filepath.Join(home, killSwitch))
	return err == nil
}

// notes are what the engine writes down.
type notes struct {
	home string
	app  string
	dry  bool
	lock *os.File

	mu   sync.Mutex
	held map[int]engine.Cause // as last written
}

// errTaken: another engine looks after the same daemon.
var errTaken = errors.New("another engine looks after it")

// takeNotes locks PM2_HOME for this engine. The lock goes with the process.
func takeNotes(home, app string, dry bool) (*notes, error) {
	n := &notes{home: home, app: app, dry: dry}
	if dry {
		return n, nil
	}
	f, err := os.OpenFile(filepath.Join(home, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot lock PM2_HOME: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = errTaken
		}
		return nil, fmt.Errorf("cannot lock PM2_HOME %s: %w", home, err)
	}
	n.lock = f
	return n, nil
}

func (n *notes) close() {
	if n.lock != nil {
		n.lock.Close()
	}
}

// audit appends a line to the audit file.
func (n *notes) audit(l engine.Line) error {
	if n.dry {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	path := filepath.Join(n.home, auditFile)
	if st, err := os.Stat(path); err == nil && st.Size() > maxAudit {
		if err := os.Rename(path, path+".1"); err != nil {
			return fmt.Errorf("cannot put the audit file aside: %w", err)
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("cannot open the audit file: %w", err)
	}
	defer f.Close()
	return engine.EncodeLine(f, l)
}

// readHeld returns the workers of this app that an earlier run stopped.
func (n *notes) readHeld() (map[int]engine.Cause, error) {
	all, err := n.heldByApp()
	if err != nil {
		return nil, err
	}
	held := map[int]engine.Cause{}
	for id, cause := range all[n.app] {
		if i, err := strconv.Atoi(id); err == nil && cause.Known() {
			held[i] = cause
		}
	}
	n.held = maps.Clone(held)
	return held, nil
}

func (n *notes) heldByApp() (map[string]map[string]engine.Cause, error) {
	all := map[string]map[string]engine.Cause{}
	b, err := os.ReadFile(filepath.Join(n.home, heldFile))
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read which workers are held: %w", err)
	}
	return all, nil
}

// writeHeld writes down which workers are held, if that has changed: an engine
// that is killed must find them again.
func (n *notes) writeHeld(held map[int]engine.Cause) error {
	if n.dry || maps.Equal(held, n.held) {
		return nil
	}
	all, err := n.heldByApp()
	if err != nil {
		all = map[string]map[string]engine.Cause{} // it cannot be read: better new than none
	}
	all[n.app] = map[string]engine.Cause{}
	for id, cause := range held {
		all[n.app][strconv.Itoa(id)] = cause
	}
	b, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("cannot write which workers are held: %w", err)
	}
	path := filepath.Join(n.home, heldFile)
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return fmt.Errorf("cannot write which workers are held: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("cannot write which workers are held: %w", err)
	}
	n.held = maps.Clone(held)
	return nil
}
