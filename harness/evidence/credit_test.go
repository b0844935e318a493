package evidence

import (
	"testing"
	"time"
)

// TestCredit: whose answers count. What the record's observer did not look at is not held
// against anybody.
func TestCredit(t *testing.T) {
	const s = time.Second
	look := func(at time.Duration, pid int, listeners ...Listener) Snapshot {
		return Snapshot{At: at, Daemon: 50, Workers: []Worker{{Name: "app", PID: pid, Alive: true, Under: []int{pid + 100}}}, Listeners: listeners}
	}
	god, stranger := Listener{PID: 50, Addr: "::"}, Listener{PID: 77, Addr: "0.0.0.0"}
	r := Record{
		Header: Header{App: "app", Watches: []string{WatchTree}},
		Snapshots: []Snapshot{look(0, 1, god), look(5*s, 1, god, stranger), look(10*s, 1, god, stranger), look(15*s, 1, god, stranger),
			look(20*s, 1, god), look(25*s, 1, Listener{PID: 77, Addr: "127.0.0.2"}), look(30*s, 2, god)},
		Exits: []Exit{{PID: 1, At: 26 * s}},
	}
	for _, c := range []struct {
		name string
		q    Request
		want bool
	}{
		{"a worker of PM2's", Request{PID: 1, Done: 2 * s, Class: Answered}, true},
		{"a process below it", Request{PID: 101, Done: 2 * s, Class: Answered}, true},
		{"nobody of PM2's", Request{PID: 9, Done: 2 * s, Class: Answered}, false},
		{"nobody at all", Request{Done: 2 * s, Class: Answered}, false},
		{"no answer", Request{PID: 1, Done: 2 * s, Class: WrongStatus}, false},
		{"while a stranger has the port", Request{PID: 1, Done: 12 * s, Class: Answered}, false},
		{"between a look with him and one without", Request{PID: 1, Done: 17 * s, Class: Answered}, true},
		{"while he has another address", Request{PID: 1, Done: 25*s + s/2, Class: Answered}, true},
		{"long after its end", Request{PID: 1, Done: 28 * s, Class: Answered}, false},
		{"read late", Request{PID: 1, Done: 26*s + s/2, Class: Answered}, true},
	} {
		if got := r.Credit()(&c.q); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	r.Header.Watches = nil
	if !r.Credit()(&Request{PID: 9, Done: 12 * s, Class: Answered}) {
		t.Error("a record of before is held to what its observer did not look at")
	}
}
