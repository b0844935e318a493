package promise

import (
	"fmt"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// cites has the engine diagnose at 12 s by one fact.
func cites(source, text string) evidence.Claim {
	return evidence.Claim{Type: "detected", Cause: "c", ID: -1, Raw: []byte(fmt.Sprintf(`{"evidence":[{"source":%q,"text":%q}]}`, source, text))}
}

// TestFacts: what an engine cites is looked up, by its source, its text and its time.
func TestFacts(t *testing.T) {
	for _, c := range []struct {
		name         string
		source, text string
		want         bool
	}{
		{"a process and its state", "proc", "pid 102 of worker 1 has been in state T (stopped) for 2.1s", true},
		{"PM2's word for it", "rpc", "PM2 calls it online", true},
		{"another word", "rpc", "PM2 calls it errored", false},
		{"a line of a log", "bus", "connect ECONNREFUSED 127.0.0.1:6379", true},
		{"a line in quotes", "log", `it said "connect ECONNREFUSED 127.0.0.1:6379" and died`, true},
		{"words that nobody has said", "log", `it said "connect ECONNRESET 10.0.0.1:5432" and died`, false},
		{"words that come later", "log", `it said "a later line of the log"`, false},
		{"an error code", "bus", "workers die of ECONNREFUSED", true},
		{"another error code", "bus", "workers die of EADDRINUSE", false},
		{"an error of a worker", "bus", "worker 1: Error: connect ECONNREFUSED 127.0.0.1:6379", true},
		{"an error that no worker has had", "bus", "worker 1: Error: DATABASE_URL is not set", false},
		{"words like error codes and signals", "proc", "either signal or event: pid 102 exited", true},
		{"an address that was heard of", "probe", "the engine cannot reach 127.0.0.1:6379 either: connection refused", true},
		{"an address that nobody has named", "probe", "the engine cannot reach 10.0.0.1:6379 either", false},
		{"a line of code that was heard of", "bus", "thrown at x (/srv/a/b.js:18:30)", true},
		{"a line of code that was not", "bus", "thrown at x (/srv/a/b.js:19:30)", false},
		{"as many deaths as there were", "bus", "2 deaths within 15s of a start", true},
		{"more deaths than there were", "bus", "3 deaths within 15s of a start", false},
		{"nobody died, as it says", "bus", "0 of them died of it", true},
		{"fewer died than it says", "bus", "3 of them died of it", false},
		{"a process that was never looked at", "proc", "pid 146 was the second to die", true},
		{"no process of the app", "proc", "pid 999 burns a core", false},
		{"a worker there is not", "rpc", "worker 7 is missing", false},
		{"the app's port", "sockets", "pid 50 listens on port 3000", true},
		{"another port", "sockets", "pid 50 listens on port 8080", false},
		{"nothing that can be looked up", "probe", "a look into the crystal ball", false},
		{"no source", "", "pid 102 is stopped", false},
		{"no fact", "x", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := faulted().says(11, "log:err", "", 1, "Error: connect ECONNREFUSED 127.0.0.1:6379\n").says(20, "log:err", "", 1, "a later line of the log").
				says(11, "log:err", "", 1, "    at x (/srv/a/b.js:18:30)\n").crashed(10.5, 1, 102).crashed(11, 1, 202).crashed(20, 1, 302).
				log(11.2, "App name:app id:1 disconnected, pid [146] msg [process died]")
			h.Header.Port = 3000
			h.snapshot(11.5, 101, 102, 103, 104)
			for _, s := range h.Snapshots {
				for i := range s.Workers {
					s.Workers[i].Status, s.Workers[i].State = "online", "T"
				}
			}
			cited, grounded := Facts(h.claim(12, cites(c.source, c.text)).record())
			if len(cited) != 1 || (len(grounded) == 1) != c.want {
				t.Errorf("%d cited, %d grounded, want %v", len(cited), len(grounded), c.want)
			}
		})
	}
	alerted := faulted().alert(12, func(b map[string]any) { b["evidence"] = []any{0} })
	if cited, grounded := Facts(alerted.record()); len(cited) != 1 || len(grounded) != 0 {
		t.Errorf("a bare number: %d cited, %d grounded", len(cited), len(grounded))
	}
}
