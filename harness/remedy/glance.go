package remedy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// FindEngine returns the process that looks after the apps of PM2's directory, 0 if there is
// none. It reads who holds the lock and does not take it: an engine that starts at this
// moment would be refused.
func FindEngine(home string) (int, error) {
	info, err := os.Lstat(filepath.Join(home, lockFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("cannot look for an engine: %w", err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("cannot look for an engine: %s has no inode", lockFile)
	}
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return 0, fmt.Errorf("cannot look for an engine: %w", err)
	}
	return findHolder(string(locks), st.Ino), nil
}

// findHolder returns the process that holds an flock(2) on an inode, by the text of
// /proc/locks (proc_locks(5)); 0 for none:
//
//	1: FLOCK  ADVISORY  WRITE 1234 08:01:56789 0 EOF
func findHolder(locks string, inode uint64) int {
	for line := range strings.Lines(locks) {
		f := strings.Fields(line)
		if len(f) < 6 || f[1] != "FLOCK" || !strings.HasSuffix(f[5], ":"+strconv.FormatUint(inode, 10)) {
			continue
		}
		if pid, err := strconv.Atoi(f[4]); err == nil {
			return pid
		}
	}
	return 0
}

// TurnSwitch turns the kill switch of PM2's directory on if it is off, and off if it is on.
func TurnSwitch(home string) error {
	folder, err := host.OpenFolder(home)
	if err != nil {
		return fmt.Errorf("cannot turn the kill switch: %w", err)
	}
	defer folder.Close()
	f, err := folder.Open(observe.KillSwitch, os.O_CREATE|os.O_EXCL|os.O_WRONLY)
	switch {
	case errors.Is(err, fs.ErrExist):
		err = folder.Remove(observe.KillSwitch)
	case err == nil:
		err = f.Close()
	}
	if err != nil {
		return fmt.Errorf("cannot turn the kill switch: %w", err)
	}
	return nil
}

// Said is a line of the engine's audit log.
type Said struct {
	Time time.Time
	engine.Line
	Event string // of a line about the engine itself
}

// ReadAudit returns what the engine of PM2's directory has said last of an app and of itself,
// in order. Without an audit log there is nothing.
func ReadAudit(home, app string) ([]Said, error) {
	folder, err := host.OpenFolder(home)
	if err != nil {
		return nil, fmt.Errorf("cannot read the audit log: %w", err)
	}
	defer folder.Close()
	f, err := folder.Open(auditFile, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the audit log: %w", err)
	}
	defer f.Close()
	text, err := readEnd(f, 128<<10)
	if err != nil {
		return nil, fmt.Errorf("cannot read the audit log: %w", err)
	}
	return parseAudit(text, app), nil
}

// readEnd returns the last bytes of a file, from the beginning of a line on.
func readEnd(f *os.File, most int64) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	from := max(0, info.Size()-most)
	text, err := io.ReadAll(io.NewSectionReader(f, from, most))
	if err == nil && from > 0 {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	return text, err
}

// parseAudit reads lines of an audit log, except those about other apps. A line that is not
// whole yet is left out.
func parseAudit(text []byte, app string) []Said {
	var all []Said
	for line := range bytes.Lines(text) {
		var a audited
		if json.Unmarshal(line, &a) == nil && (a.App == app || a.App == "") {
			all = append(all, Said{Time: a.Time, Line: a.Line, Event: a.Event})
		}
	}
	return all
}
