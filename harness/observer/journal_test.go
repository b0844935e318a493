package observer

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// told is what a journal has told, and waits for it.
type told struct {
	mu     sync.Mutex
	served []string
	forged []string
	failed error
}

func (s *told) line(l evidence.Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.Served != nil {
		s.served = append(s.served, l.Served.ID+" "+l.Served.Phase)
	} else {
		s.forged = append(s.forged, l.Mark.Note)
	}
}

func (s *told) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = err
}

func (s *told) waits(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		ok := holds()
		s.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not told: %s; served %.300q, forged %.300q (%v)", what, s.served, s.forged, s.failed)
		}
	}
}

// journalled starts a journal whose senders are as given.
func journalled(t *testing.T, sender func(pid int) (int, bool, error)) (path string, s *told, j *journal) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "journal") // a socket's path has to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path, s = filepath.Join(dir, "s"), &told{}
	ln, err := listen(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	j = &journal{tell: s.line, fail: s.fail, sender: sender, conns: map[*conn]bool{}}
	go j.accept(ln)
	return path, s, j
}

// TestJournalBelievesTheKernel: a line counts if the kernel says that a process of PM2's
// wrote it, and the line says which.
func TestJournalBelievesTheKernel(t *testing.T) {
	const inner = 77
	line := func(id string, pid int) string {
		return fmt.Sprintf(`{"id":%q,"pid":%d,"phase":"begun"}`+"\n", id, pid)
	}
	for _, c := range []struct {
		name           string
		sender         func(int) (int, bool, error)
		text           []string
		served, forged int
		fails          bool
	}{
		{"a worker", func(int) (int, bool, error) { return inner, true, nil }, []string{line("a", inner) + `{"id":"b",`, `"pid":77}` + "\n" + `{"id":`}, 2, 0, false},
		{"a worker in another's name", func(int) (int, bool, error) { return inner, true, nil }, []string{line("a", 78), line("b", 79)}, 0, 1, false},
		{"none of PM2's", func(int) (int, bool, error) { return inner, false, nil }, []string{line("a", inner), "x\n"}, 0, 1, false},
		{"nobody knows", func(int) (int, bool, error) { return 0, false, errors.New("gone") }, []string{line("a", inner)}, 0, 0, false},
		{"no line", func(int) (int, bool, error) { return inner, true, nil }, []string{"{\n"}, 0, 0, true},
		{"a line without end", func(int) (int, bool, error) { return inner, true, nil }, []string{strings.Repeat("x", longest+1)}, 0, 0, true},
		{"a stranger's line without end", func(int) (int, bool, error) { return inner, false, nil }, []string{strings.Repeat("x", longest+1)}, 0, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := make(chan int, 1)
			path, s, j := journalled(t, func(pid int) (int, bool, error) {
				asked <- pid
				return c.sender(pid)
			})
			client, err := net.Dial("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			for _, text := range c.text {
				if _, err := client.Write([]byte(text)); err != nil && !errors.Is(err, syscall.EPIPE) {
					t.Fatal(err)
				}
			}
			if pid := <-asked; pid != os.Getpid() {
				t.Errorf("the sender is %d, want %d", pid, os.Getpid())
			}
			j.readAll()
			s.waits(t, "all of it", func() bool {
				return len(s.served) == c.served && len(s.forged) == c.forged && (s.failed != nil) == c.fails
			})
		})
	}
}

// TestFixtureJournal: what a fixture writes before it is killed is told, however late it is
// read and however much it is; and a fixture whose journal nobody takes runs all the same.
func TestFixtureJournal(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node here")
	}
	drilled, err := filepath.Abs("../../fixtures/node-apps/lib/drilled.js")
	if err != nil {
		t.Fatal(err)
	}
	run := func(socket, js string) (*exec.Cmd, error) {
		cmd := exec.Command(node, "-e", `const {witness, journalled} = require(process.argv[1]); const events = require('events');`+
			`const one = (id) => { const res = Object.assign(new events(), {setHeader() {}, writableFinished: true}); witness({headers: {'x-request-id': id}}, res); return res; };`+js, drilled)
		cmd.Env = append(os.Environ(), "ACCESS_SOCKET="+socket)
		out, err := cmd.CombinedOutput()
		if len(out) > 0 {
			t.Logf("%s", out)
		}
		return cmd, err
	}
	t.Run("killed", func(t *testing.T) {
		late := make(chan struct{})
		path, s, _ := journalled(t, func(pid int) (int, bool, error) { <-late; return pid, true, nil })
		cmd, _ := run(path, `journalled(); for (let i = 0; i < 100; i++) one('r' + i); process.kill(process.pid, 'SIGKILL')`)
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
			t.Fatalf("it was not killed: %v", cmd.ProcessState)
		}
		close(late) // nothing was read while it lived
		s.waits(t, "101 lines", func() bool { return len(s.served) == 101 && s.served[0] == " started" && s.served[100] == "r99 begun" })
	})
	t.Run("slow reader", func(t *testing.T) {
		late := make(chan struct{})
		path, s, _ := journalled(t, func(pid int) (int, bool, error) { <-late; return pid, true, nil })
		time.AfterFunc(300*time.Millisecond, func() { close(late) })
		if _, err := run(path, `for (let i = 0; i < 3000; i++) one('r' + i); setTimeout(() => {}, 1000)`); err != nil {
			t.Fatal(err)
		}
		s.waits(t, "3000 lines", func() bool { return len(s.served) == 3000 && s.served[2999] == "r2999 begun" })
	})
	t.Run("nobody", func(t *testing.T) {
		if _, err := run("/nonexistent/socket", `journalled(); one('a'); setImmediate(() => { one('b').emit('finish'); })`); err != nil {
			t.Errorf("it does not run: %v", err)
		}
	})
}
