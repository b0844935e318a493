package observer

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
	"time"
)

// TestJournalHandsReleasesOut: a worker hears which release its id stands for, and whether it
// has started with it before; nobody else hears anything, nor does who names no release.
func TestJournalHandsReleasesOut(t *testing.T) {
	const inner = 77
	for _, c := range []struct {
		name, id, worker string
		ours             bool
		want             string
	}{
		{"a worker", "abc", "1", true, "\x05\x01\x01[{\"/x\":\"/stall\"},\"no \\n\"]"},
		{"a worker that has started with another release", "abc", "2", true, "\x05\x01\x01[{\"/x\":\"/stall\"},\"no \\n\"]"},
		{"a worker that has started before", "abc", "0", true, "\x05\x01\x00[{\"/x\":\"/stall\"},\"no \\n\"]"},
		{"a release that nobody knows", "abd", "1", true, ""},
		{"none of PM2's", "abc", "1", false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, s, j := journalled(t, func(int) (int, bool, error) { return inner, c.ours, nil })
			j.mu.Lock()
			j.releases = map[string]Release{"abc": {App: 5, Number: 1, Paths: map[string]string{"/x": "/stall"}, Words: "no \n"}, "abe": {}}
			j.started = map[string]bool{"abc 0": true, "abe 2": true}
			j.mu.Unlock()
			client, err := net.Dial("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			if _, err := fmt.Fprintf(client, `{"id":%q,"pid":%d,"worker":%q,"phase":"asks"}`+"\n"+`{"id":"r","pid":%d,"phase":"begun"}`+"\n", c.id, inner, c.worker, inner); err != nil {
				t.Fatal(err)
			}
			s.waits(t, "what follows", func() bool { return len(s.served) == 1 || len(s.forged) == 1 })
			if !c.ours != (len(s.forged) == 1) {
				t.Errorf("forged: %q", s.forged)
			}
			_ = client.SetReadDeadline(time.Now().Add(100 * time.Millisecond)) // what is to come was written before
			got, err := bufio.NewReader(client).ReadString('\n')
			if c.want != "" && got != c.want+"\n" || c.want == "" && !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("it heard %q (%v), want %q", got, err, c.want)
			}
		})
	}
}
