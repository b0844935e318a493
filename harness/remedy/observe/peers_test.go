package observe

import (
	"fmt"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
)

func socket(pid int, state byte, local, remote string) host.Socket {
	s := host.Socket{PID: pid, State: state, Local: netip.MustParseAddrPort(local)}
	if remote != "" {
		s.Remote = netip.MustParseAddrPort(remote)
	}
	return s
}

// TestPeers: servers are what the app connects to, not who connects to it, and those that
// it has not used for long are forgotten once it uses others.
func TestPeers(t *testing.T) {
	var p peers
	o := Observation{At: time.Second, Daemon: Daemon{PID: 100}, Workers: []Worker{{ID: 0, PID: 200, Alive: true}, {ID: 1, PID: 201, Alive: true}}}
	p.meet(&o, 3000, []host.Socket{
		socket(100, host.TCPListen, "127.0.0.1:3000", ""),
		socket(200, host.TCPListen, "0.0.0.0:9100", ""),
		socket(200, host.TCPEstablished, "127.0.0.1:3000", "127.0.0.1:50000"),
		socket(200, host.TCPEstablished, "10.0.0.1:9100", "10.0.0.9:50001"),
		socket(100, host.TCPEstablished, "127.0.0.1:40000", "127.0.0.1:1"),
		socket(200, host.TCPEstablished, "127.0.0.1:40001", "127.0.0.1:6379"),
		socket(201, host.TCPConnecting, "10.0.0.1:40002", "10.0.0.5:5432"),
	})
	want := []Server{{"10.0.0.5:5432", ByAttempt}, {"127.0.0.1:6379", BySocket}}
	if got := p.list(); !reflect.DeepEqual(got, want) {
		t.Errorf("it knows %v, want %v", got, want)
	}
	if o.Workers[0].Conns != 1 || o.Workers[1].Conns != 0 {
		t.Errorf("clients: %d and %d, want 1 and 0", o.Workers[0].Conns, o.Workers[1].Conns)
	}
	if len(p.binds) != 1 || p.binds[0].Address != "127.0.0.1:3000" {
		t.Errorf("it listens on %v", p.binds)
	}
	o.At += time.Minute
	p.meet(&o, 3000, nil) // everything is down
	if len(p.list()) != 2 || len(p.binds) != 1 {
		t.Errorf("in an outage it forgets: %v, %v", p.list(), p.binds)
	}
	o.At += peerKept
	p.meet(&o, 3000, []host.Socket{socket(200, host.TCPEstablished, "127.0.0.1:40001", "127.0.0.1:6380")})
	if got := p.list(); len(got) != 1 || got[0].Address != "127.0.0.1:6380" {
		t.Errorf("it keeps %v", got)
	}
	var many []host.Socket
	for i := range 100 {
		many = append(many, socket(200, host.TCPEstablished, "10.0.0.1:40001", fmt.Sprintf("10.1.0.%d:443", i+1)))
	}
	if p.meet(&o, 3000, many); len(p.list()) != maxPeers {
		t.Errorf("it keeps %d servers", len(p.list()))
	}
}
