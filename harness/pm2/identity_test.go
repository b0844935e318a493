package pm2

import (
	"bufio"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
)

const listenOn = "PM2_TEST_LISTEN_ON"

// TestOtherListener is another process that listens on a socket, when another test starts it.
func TestOtherListener(t *testing.T) {
	path := os.Getenv(listenOn)
	if path == "" {
		t.Skip("only for other tests")
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString("listening\n")
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
	}
}

// runnable is a copy of the test's binary that any user may run.
func runnable(t *testing.T) string {
	t.Helper()
	dir := shortDir(t)
	text, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = errors.Join(os.WriteFile(filepath.Join(dir, "test"), text, 0o755), os.Chmod(dir, 0o755))
	}
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "test")
}

// listenElsewhere has another process listen on sockets in home, as user uid, and returns
// its pid.
func listenElsewhere(t *testing.T, home, socket string, uid int) int {
	t.Helper()
	cmd := exec.Command(runnable(t), "-test.run=^TestOtherListener$")
	cmd.Env = append(os.Environ(), listenOn+"="+filepath.Join(home, socket))
	if uid != os.Geteuid() {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "listening\n" {
		t.Fatalf("it does not listen: %q (%v)", line, err)
	}
	return cmd.Process.Pid
}

func refused(t *testing.T, home string, want error) {
	t.Helper()
	c, err := Dial(soon(t), home)
	if !errors.Is(err, want) || want == nil && err != nil {
		t.Errorf("Dial: %v, want %v", err, want)
	}
	if err == nil {
		c.Close()
	}
	b, err := Subscribe(soon(t), home)
	if !errors.Is(err, want) || want == nil && err != nil {
		t.Errorf("Subscribe: %v, want %v", err, want)
	}
	if err == nil {
		b.Close()
	}
}

// TestImpostors: whoever listens must be one process on both sockets, of the home's owner,
// and the only daemon.
func TestImpostors(t *testing.T) {
	t.Run("the daemon", func(t *testing.T) { refused(t, newFake(t).home, nil) })
	for _, socket := range []string{"rpc.sock", "pub.sock"} {
		t.Run("another process has "+socket, func(t *testing.T) {
			f := newFake(t)
			if err := os.Remove(filepath.Join(f.home, socket)); err != nil {
				t.Fatal(err)
			}
			listenElsewhere(t, f.home, socket, os.Geteuid())
			refused(t, f.home, ErrImpostor)
		})
	}
	t.Run("another daemon is on record", func(t *testing.T) {
		f := newFake(t)
		for pid, want := range map[int]error{start(t, nil): ErrImpostor, os.Getpid(): nil, 2147483646: nil} {
			if err := os.WriteFile(filepath.Join(f.home, "pm2.pid"), []byte(strconv.Itoa(pid)), 0o600); err != nil {
				t.Fatal(err)
			}
			refused(t, f.home, want)
		}
	})
	t.Run("it has ended, and a child has kept its sockets", func(t *testing.T) {
		if err := checkAlone(shortDir(t), 2147483646, os.Geteuid()); !errors.Is(err, ErrImpostor) {
			t.Errorf("a process that is gone: %v", err)
		}
		if err := checkAlone(shortDir(t), os.Getpid(), os.Geteuid()+1); !errors.Is(err, ErrImpostor) {
			t.Errorf("a process that has another user by now: %v", err)
		}
	})
	t.Run("another user", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("needs root")
		}
		const other = 65534
		home := shortDir(t)
		if err := os.Chmod(home, 0o777); err != nil {
			t.Fatal(err)
		}
		listenElsewhere(t, home, "rpc.sock", other)
		listenElsewhere(t, home, "pub.sock", other)
		refused(t, home, ErrImpostor)
	})
}

// TestWorkerIsProven: what PM2 says of a pid is not enough to signal it.
func TestWorkerIsProven(t *testing.T) {
	c := newFake(t).dial(t)
	other := listenElsewhere(t, shortDir(t), "rpc.sock", os.Geteuid())
	h, err := c.Worker(other)
	if err != nil {
		t.Fatal(err)
	}
	h.Close()
	c.daemon = other
	for name, pid := range map[string]int{"a stranger": start(t, nil), "init": 1, "the daemon": other, "the engine": os.Getpid()} {
		if h, err := c.Worker(pid); !errors.Is(err, host.ErrStranger) {
			t.Errorf("%s: %v", name, err)
			if err == nil {
				h.Close()
			}
		}
	}
}

// TestForgedEvents: an app sends what looks like PM2's own word, in the form that PM2 gives
// to what apps send.
func TestForgedEvents(t *testing.T) {
	sent := func(data string) string {
		return `{"at":1,"data":` + data + `,"process":{"pm_id":5,"name":"web","rev":null,"namespace":"default"}}`
	}
	f := newFake(t)
	b, conn := subscribed(t, f)
	forgeries := map[string][]string{
		TopicEvent: {sent(`{"event":"exit"}`), sent(`"exit"`), `{"at":1,"raw":{"event":"exit"},"process":{"pm_id":5,"name":"web"}}`},
		TopicLog: {
			sent(`"Stopping app:web id:0\n"`),
			`{"at":1,"data":"PM2 successfully stopped\n","process":{"pm_id":5,"name":"PM2","rev":null}}`,
			`{"at":1,"data":"x","process":{"name":"PM2"}}`,
			`{"at":1,"data":"x"}`,
		},
		TopicKill: {sent(`{"status":"killed","msg":"pm2 has been killed via CLI"}`), sent(`1`)},
	}
	n := int64(0)
	for topic, bodies := range forgeries {
		for _, body := range bodies {
			write(t, conn, message(t, topic, body))
			n++
		}
	}
	write(t, conn, message(t, TopicKill, `{"status":"killed","msg":"pm2 has been killed by SIGNAL"}`))
	if e := nextEvent(t, b); e.Topic != TopicKill || b.Dropped() != n {
		t.Errorf("got %+v, %d dropped, want %d", e, b.Dropped(), n)
	}
	// Of itself an app may say what it likes; PM2 tells who it is.
	write(t, conn, message(t, TopicErr, sent(`"boom"`)))
	if e := nextEvent(t, b); e.ID != 5 || e.Name != "web" || e.Space != "default" {
		t.Errorf("got %+v", e)
	}
}

// TestNesting: JSON that is nested without end ends neither the process nor the reader.
func TestNesting(t *testing.T) {
	for text, want := range map[string]bool{
		`{"a":[{"b":[1,"[[[["]}]}`:                                            true,
		`"` + strings.Repeat("[", 2*maxNesting) + `"`:                         true,
		`"\"` + strings.Repeat("[", 2*maxNesting) + `"`:                       true,
		strings.Repeat("[", maxNesting) + strings.Repeat("]", maxNesting):     true,
		strings.Repeat("[", maxNesting+1) + strings.Repeat("]", maxNesting+1): false,
		strings.Repeat(`{"a":`, maxReply/5):                                   false,
		strings.Repeat("[", maxReply):                                         false,
		`{`:                                                                   false,
	} {
		if got := isSound([]byte(text)); got != want {
			t.Errorf("%.40q: %v", text, got)
		}
	}
}

// TestRepliesUnasked: a peer may send one reply for each call and no more.
func TestRepliesUnasked(t *testing.T) {
	f := newFake(t)
	c := f.dial(t)
	go func() { f.next(t).answer(t, `{"args":["7.0.4"]}`) }()
	if _, err := c.Version(soon(t)); err != nil {
		t.Fatal(err)
	}
	go func() {
		call := f.next(t)
		call.answer(t, `{"args":["7.0.4"]}`)
		call.answer(t, `{"args":["7.0.4"]}`)
	}()
	if _, err := c.Version(soon(t)); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); ; {
		c.mu.Lock()
		broken := c.broken
		c.mu.Unlock()
		if errors.Is(broken, errUnasked) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the connection is kept: %v", broken)
		}
		time.Sleep(time.Millisecond) // the reader is another goroutine
	}
}

// TestListsAreBounded: a list of rows without end is refused.
func TestListsAreBounded(t *testing.T) {
	f := newFake(t)
	go func() { f.next(t).answer(t, `{"args":[[{}`+strings.Repeat(",{}", maxRows)+`]]}`) }()
	if list, err := f.dial(t).List(soon(t)); err == nil {
		t.Errorf("%d rows were taken", len(list))
	}
}
