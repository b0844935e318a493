package host

import (
	"net"
	"os"
	"testing"
)

// TestOfProcesses: a process's sockets are found with their states, and a listener on all
// of IPv6 tells whether it takes IPv4 too.
func TestOfProcesses(t *testing.T) {
	listen := func(network string) net.Listener {
		l, err := net.Listen(network, "[::]:0")
		if err != nil {
			t.Skipf("this host has no IPv6: %v", err)
		}
		t.Cleanup(func() { l.Close() })
		return l
	}
	both, only := listen("tcp"), listen("tcp6")
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port(both)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	socks, err := OfProcesses(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]Socket{}
	for _, s := range socks {
		if s.PID != os.Getpid() {
			t.Errorf("%+v belongs to somebody else", s)
		}
		seen[s.Local.String()] = s
	}
	for l, want := range map[net.Listener]bool{both: false, only: true} {
		s, ok := seen["[::]:"+port(l)]
		if !ok || s.State != TCPListen || s.V6Only != want {
			t.Errorf("%s: %+v (%v), want IPv6 only %v", l.Addr(), s, ok, want)
		}
	}
	if s, ok := seen[conn.LocalAddr().String()]; !ok || s.State != TCPEstablished || s.Remote.String() != conn.RemoteAddr().String() {
		t.Errorf("the connection is %+v (%v)", s, ok)
	}
	if socks, err := OfProcesses(); err != nil || len(socks) != 0 {
		t.Errorf("of no process: %v, %v", socks, err)
	}
}

func port(l net.Listener) string {
	_, p, _ := net.SplitHostPort(l.Addr().String())
	return p
}
