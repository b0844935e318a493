package host

import (
	"net"
	"os"
	"testing"
	"time"
)

func TestExchanges(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	look := func() Exchange {
		t.Helper()
		list, err := Exchanges(l.Addr().(*net.TCPAddr).Port, os.Getpid())
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v %v", list, err)
		}
		return list[0]
	}
	if e := look(); e.Received != 0 || e.Sent != 0 || e.Remote.String() != client.LocalAddr().String() || e.PID != os.Getpid() {
		t.Errorf("before anything: %+v", e)
	}
	if _, err := client.Write(make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	if e := look(); e.Received != 100 || e.RecvQ != 100 || e.Sent != 0 {
		t.Errorf("asked: %+v", e)
	}
	if _, err := server.Read(make([]byte, 200)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond) // more than a tick of the kernel's
	if _, err := server.Write(make([]byte, 30)); err != nil {
		t.Fatal(err)
	}
	if e := look(); e.Received != 100 || e.RecvQ != 0 || e.Sent != 30 || e.LastSent >= e.LastReceived {
		t.Errorf("answered: %+v", e)
	}
	if list, err := Exchanges(l.Addr().(*net.TCPAddr).Port, 1<<22); err != nil || len(list) != 0 {
		t.Errorf("of another process: %+v %v", list, err)
	}
}
