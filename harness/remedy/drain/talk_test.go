package drain

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
)

// TestTalks: each look is "port received sent since-received since-sent", times in ms,
// several connections parted by commas. Only the last look's verdict is given.
func TestTalks(t *testing.T) {
	for _, tc := range []struct {
		name  string
		looks []string
		idle  bool
		open  int
		parts int
	}{
		{"no connection", []string{""}, true, 0, 0},
		{"the anchor does not count", []string{"1 0 0 2000 2000"}, true, 0, 0},
		{"answered", []string{"2 100 50 40 20"}, true, 1, 0},
		{"asked", []string{"2 100 50 20 40"}, false, 1, 0},
		{"answered just now", []string{"2 100 50 40 0"}, false, 1, 0},
		{"one of two is asked", []string{"2 100 50 40 20, 3 100 0 40 60"}, false, 2, 0},
		{"both answered", []string{"2 100 50 40 20, 3 100 50 40 20"}, true, 2, 0},
		{"handed over just now", []string{"2 0 0 300 300"}, false, 1, 0},
		{"opened in advance", []string{"2 0 0 1500 1500"}, true, 1, 0},
		{"opened in advance, asked within a tick", []string{"2 0 0 1500 1500", "2 100 0 8 1520"}, false, 1, 0},
		{"first asked within the tick it was opened in", []string{"2 100 0 40 40"}, false, 1, 0},
		{"asked and answered within a tick, known as answered before", []string{"2 100 50 40 20", "2 200 100 8 8"}, true, 1, 0},
		{"answered and asked within a tick, known as asked before", []string{"2 100 0 20 40", "2 200 50 8 8"}, false, 1, 0},
		{"within a tick, unknown", []string{"2 100 50 8 8"}, false, 1, 0},
		{"an answer in parts", []string{"2 100 50 90 70", "2 100 80 110 30"}, false, 1, 1},
		{"an event stream beside one that is asked", []string{"2 100 50 90 70, 3 50 0 20 40", "2 100 80 110 30, 3 50 0 40 60"}, false, 2, 1},
		{"asked again after an answer in parts", []string{"2 100 50 90 70", "2 100 80 110 30", "2 200 130 30 10"}, true, 1, 0},
		{"acknowledged later", []string{"2 100 50 90 20", "2 100 50 110 40"}, true, 1, 0},
		{"another connection from the same port", []string{"2 100 50 40 20", "", "2 100 50 8 8"}, false, 1, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := talks{anchor: peer(1)}
			for _, look := range tc.looks {
				w.look(exchanges(t, look))
			}
			if w.idle != tc.idle || w.open != tc.open || w.streams != tc.parts {
				t.Errorf("idle %v with %d connections and %d streams, want %v with %d and %d", w.idle, w.open, w.streams, tc.idle, tc.open, tc.parts)
			}
		})
	}
	for _, queues := range []host.Socket{{Remote: peer(2), RecvQ: 1}, {Remote: peer(2), SendQ: 1}} {
		w := talks{}
		w.look([]host.Exchange{{Socket: queues, Received: 1, LastReceived: 2 * time.Second, LastSent: time.Second}})
		if w.idle {
			t.Errorf("idle with bytes on the way: %+v", queues)
		}
	}
}

func peer(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)
}

func exchanges(t *testing.T, look string) []host.Exchange {
	t.Helper()
	var out []host.Exchange
	for f := range strings.SplitSeq(look, ",") {
		if f == "" {
			continue
		}
		var port uint16
		var received, sent int64
		e := host.Exchange{}
		if _, err := fmt.Sscan(f, &port, &e.Received, &e.Sent, &received, &sent); err != nil {
			t.Fatal(err)
		}
		e.Remote = peer(port)
		e.LastReceived, e.LastSent = time.Duration(received)*time.Millisecond, time.Duration(sent)*time.Millisecond
		out = append(out, e)
	}
	return out
}
