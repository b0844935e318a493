package remedy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// TestFindEngine: whoever holds the lock is found, and looking takes no lock: an engine can
// begin right afterwards.
func TestFindEngine(t *testing.T) {
	home := t.TempDir()
	if pid, err := FindEngine(home); pid != 0 || err != nil {
		t.Fatalf("without a lock file: %d, %v", pid, err)
	}
	folder, err := host.OpenFolder(home)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	lock, err := takeTurn(folder)
	if err != nil {
		t.Fatal(err)
	}
	if pid, err := FindEngine(home); pid != os.Getpid() || err != nil {
		t.Errorf("the holder is %d and not %d: %v", pid, os.Getpid(), err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if pid, err := FindEngine(home); pid != 0 || err != nil {
		t.Errorf("after it has ended: %d, %v", pid, err)
	}
	if lock, err = takeTurn(folder); err != nil {
		t.Errorf("an engine cannot begin: %v", err)
	} else {
		lock.Close()
	}
}

func TestFindHolder(t *testing.T) {
	const locks = "1: POSIX  ADVISORY  WRITE 7 08:01:42 0 EOF\n2: FLOCK  ADVISORY  WRITE 1234 08:01:142 0 EOF\n" +
		"3: -> FLOCK  ADVISORY  WRITE 9 08:01:42 0 EOF\n4: FLOCK  ADVISORY  WRITE 1235 08:01:42 0 EOF\nbroken\n"
	for inode, want := range map[uint64]int{42: 1235, 142: 1234, 2: 0} {
		if got := findHolder(locks, inode); got != want {
			t.Errorf("inode %d: %d and not %d", inode, got, want)
		}
	}
}

// TestTurnSwitch: the switch goes on and off again; what others have planted in its place is
// left alone.
func TestTurnSwitch(t *testing.T) {
	home := t.TempDir()
	name := filepath.Join(home, observe.KillSwitch)
	for i, want := range []bool{true, false, true} {
		if err := TurnSwitch(home); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(name); (err == nil) != want {
			t.Errorf("after %d turns it is there: %v", i+1, err == nil)
		}
	}
	if err := TurnSwitch(filepath.Join(home, "none")); err == nil || !strings.HasPrefix(err.Error(), "cannot turn the kill switch: ") {
		t.Errorf("without a directory: %v", err)
	}
}

// TestReadAudit: lines of the app and of the engine itself come in order, those of other apps
// and half a line do not.
func TestReadAudit(t *testing.T) {
	home := t.TempDir()
	if said, err := ReadAudit(home, "web"); len(said) != 0 || err != nil {
		t.Fatalf("without a log: %v, %v", said, err)
	}
	text := strings.Repeat(`{"time":"2026-11-30T21:00:00Z","app":"web","type":"ready","why":"`+strings.Repeat("x", 1000)+`"}`+"\n", 200) +
		`{"time":"2026-11-30T21:00:01Z","app":"mailer","type":"detected"}` + "\n" +
		`{"time":"2026-11-30T21:00:02Z","event":"config reloaded"}` + "\n" +
		`{"time":"2026-11-30T21:00:03Z","app":"web","type":"detected","cause":"stalled_event_loop","id":1}` + "\n" + `{"time":"2026-11-30T21`
	if err := os.WriteFile(filepath.Join(home, auditFile), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := ReadAudit(home, "web")
	if err != nil || len(said) < 100 || len(said) > 140 {
		t.Fatalf("%d lines of the last 128 KiB: %v", len(said), err)
	}
	last := said[len(said)-2:]
	if last[0].Event != "config reloaded" || last[1].Cause != "stalled_event_loop" || last[1].Time.Second() != 3 {
		t.Errorf("the last lines are %+v", last)
	}
}
