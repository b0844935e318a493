package drain_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// rig plays PM2, its workers and the kernel in one process: a listener deals
// connections out to workers in turn, as Node's primary does, and the kernel's
// socket table says so.
type rig struct {
	t         *testing.T
	home      string
	listener  net.Listener
	inspector *devtools     // nil: workers ignore SIGUSR1
	strangers []string      // who else can reach the inspector
	hidden    error         // why that cannot be seen
	files     [2]int        // descriptors that each worker has open, and that it may have
	attached  []int         // sessions at the inspector at each look; the last one stays
	says      time.Duration // after which a new process of a wait_ready app is ready, or PM2 gives up waiting

	mu      sync.Mutex
	next    int // pid of the next process
	turn    int
	rows    []pm2.Process
	procs   map[int]*proc
	calls   []string
	socks   map[net.Conn]host.Socket
	release release // what is started from now on
	log     []net.Conn
}

// release is how processes behave.
type release struct {
	diesAtBoot   bool // before it answers
	mute         bool // never answers
	ignores      bool // SIGINT
	waits        bool // on SIGINT, until it has no connection
	exits        bool // by itself after Leave, in spite of the anchor
	noAutostart  bool // autorestart: false
	stopped      bool // by an operator, as it leaves
	neverEmpties bool
	// betweenRequests: it has one connection that is answered and stays.
	betweenRequests bool
}

type proc struct {
	release
	ended    chan struct{}
	left     bool // out of the rotation
	stopping bool // PM2 is ending it
	poisoned bool // it dies of the first connection
}

func newRig(t *testing.T, workers int, rel release) *rig {
	t.Helper()
	home, err := os.MkdirTemp("", "rig")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	bus, err := net.Listen("unix", filepath.Join(home, "pub.sock"))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, home: home, listener: l, next: 1001, procs: map[int]*proc{}, socks: map[net.Conn]host.Socket{}, release: rel}
	t.Cleanup(func() {
		l.Close()
		bus.Close()
		os.RemoveAll(home)
	})
	for id := range workers {
		r.rows = append(r.rows, pm2.Process{ID: id, Name: "app", Mode: "cluster", Instance: fmt.Sprint(id), KillTimeout: 50 * time.Millisecond})
		r.boot(id)
	}
	go r.deal()
	go func() {
		for {
			conn, err := bus.Accept()
			if err != nil {
				return
			}
			r.mu.Lock()
			r.log = append(r.log, conn)
			r.mu.Unlock()
		}
	}()
	return r
}

func (r *rig) port() int { return r.listener.Addr().(*net.TCPAddr).Port }

func (r *rig) roller() drain.Roller {
	return drain.Roller{
		Drainer: drain.Drainer{PM2: r, Kernel: r, Linger: 20 * time.Millisecond, Deadline: 500 * time.Millisecond, InspectorPort: r.debugPort()},
		Home:    r.home, App: "app", Port: r.port(), URL: "http://" + r.listener.Addr().String() + "/",
		Soak: 60 * time.Millisecond, Boot: 2 * time.Second,
	}
}

func (r *rig) debugPort() int {
	if r.inspector == nil {
		return 1
	}
	return r.inspector.port
}

// boot puts a new process of the current release in a row. The lock is held, or
// nobody else looks yet.
func (r *rig) boot(id int) {
	pid := r.next
	r.next++
	p := &proc{release: r.release, ended: make(chan struct{})}
	r.procs[pid] = p
	for i := range r.rows {
		if r.rows[i].ID == id {
			r.rows[i].PID, r.rows[i].Status, r.rows[i].Autorestart = pid, pm2.Online, !p.noAutostart
		}
	}
	if p.diesAtBoot {
		time.AfterFunc(30*time.Millisecond, func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.end(pid, true)
		})
	}
}

// end ends a process; PM2 respawns it if asked to and if it may.
func (r *rig) end(pid int, respawn bool) {
	p := r.procs[pid]
	select {
	case <-p.ended:
		return
	default:
	}
	close(p.ended)
	for i := range r.rows {
		if r.rows[i].PID != pid || !respawn {
			continue
		}
		if p.noAutostart {
			r.rows[i].Status, r.rows[i].PID = pm2.Stopped, 0
		} else {
			r.boot(r.rows[i].ID)
		}
	}
}

// deal accepts connections and hands them to workers in turn.
func (r *rig) deal() {
	for {
		conn, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		var able []int
		for _, row := range r.rows {
			if p := r.procs[row.PID]; p != nil && !p.left && r.alive(row.PID) && !p.diesAtBoot {
				able = append(able, row.PID)
			}
		}
		if len(able) == 0 {
			r.mu.Unlock()
			conn.Close()
			continue
		}
		pid := able[r.turn%len(able)]
		r.turn++
		r.socks[conn] = host.Socket{Local: addrPort(conn.LocalAddr()), Remote: addrPort(conn.RemoteAddr()), PID: pid}
		mute := r.procs[pid].mute
		poisoned := r.procs[pid].poisoned
		if poisoned {
			r.end(pid, true)
			delete(r.socks, conn)
		}
		r.mu.Unlock()
		if poisoned {
			conn.Close()
			continue
		}
		go r.serve(conn, mute)
	}
}

func addrPort(a net.Addr) netip.AddrPort { return a.(*net.TCPAddr).AddrPort() }

func (r *rig) serve(conn net.Conn, mute bool) {
	defer func() {
		conn.Close()
		r.mu.Lock()
		delete(r.socks, conn)
		r.mu.Unlock()
	}()
	br := bufio.NewReader(conn)
	if _, err := http.ReadRequest(br); err != nil {
		return
	}
	answer := "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
	if mute {
		answer = strings.Replace(answer, "200 OK", "503 Not Ready", 1)
	}
	fmt.Fprint(conn, answer)
}
