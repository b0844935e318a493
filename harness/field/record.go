package field

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Names are what the names in braces stand for in one arm.
type Names struct {
	Port, DB, Alt int
	Dir           string
}

func (n Names) fill(text string) string {
	return strings.NewReplacer("{port}", strconv.Itoa(n.Port), "{db}", strconv.Itoa(n.DB), "{alt}", strconv.Itoa(n.Alt), "{dir}", n.Dir).Replace(text)
}

// Record is what was seen of one arm. Times count from the beginning of the schedule.
type Record struct {
	Names    Names
	Requests []Request
	Lists    []Listing
	Lines    []Said // of the engine's stdout
	Alerts   []Said // bodies
	Marks    []Said // what the schedule did
	Streams  Streams
	Ended    *Ending // of the engine, if it ended by itself
	Stderr   string  // of the engine
	Failed   string  // why the arm could not be run
	Ready    time.Duration
	Lag      time.Duration // by how much the test itself was late at the worst: the host's noise
}

// Request is one request and what came of it.
type Request struct {
	Due     time.Duration
	Took    time.Duration
	Status  int    // 0 without an answer
	Body    string // its beginning
	Error   string
	Harmful bool
	Probe   bool
}

// OK tells whether it was answered as asked.
func (r Request) OK() bool { return r.Status >= 200 && r.Status < 300 }

// Listing is PM2's list at one time; Error where there was none.
type Listing struct {
	At      time.Duration
	Workers []Worker
	Error   string
}

// Worker is one row of PM2's list.
type Worker struct {
	App, Namespace string
	ID, PID        int
	Status         string
	Restarts       int
	Instance       string
	Memory         int64
}

// Said is something with its time.
type Said struct {
	At   time.Duration
	Text string
}

// Streams counts connections that were to stay open.
type Streams struct{ Opened, Cut int }

// Ending is how the engine ended by itself.
type Ending struct {
	At   time.Duration
	Code int
}

// window is the time in which one answer counts as service.
const window = 500 * time.Millisecond

// Served is the time between from and until in which requests were answered.
func (r *Record) Served(from, until time.Duration) time.Duration {
	windows := map[time.Duration]bool{}
	for _, q := range r.Requests {
		if q.Due >= from && q.Due < until && q.OK() && !q.Harmful {
			windows[q.Due/window] = true
		}
	}
	return time.Duration(len(windows)) * window
}

// Answered counts the requests that were owed an answer, and those that got one.
func (r *Record) Answered() (ok, owed int) {
	for _, q := range r.Requests {
		if q.Harmful || q.Due < 0 {
			continue
		}
		owed++
		if q.OK() {
			ok++
		}
	}
	return ok, owed
}

// Online counts the app's workers that PM2 calls online in its last list.
func (r *Record) Online(app string) int {
	n := 0
	for i := len(r.Lists) - 1; i >= 0; i-- {
		if r.Lists[i].Error != "" {
			continue
		}
		for _, w := range r.Lists[i].Workers {
			if w.App == app && w.Status == "online" {
				n++
			}
		}
		break
	}
	return n
}

// Words are all lines and alerts of the engine, without what it rules out.
func (r *Record) Words() string {
	var b strings.Builder
	for _, said := range [][]Said{r.Lines, r.Alerts} {
		for _, s := range said {
			b.WriteString(removeRuledOut(s.Text))
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// removeRuledOut returns a line or an alert without the causes that it rules out.
func removeRuledOut(text string) string {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &object) != nil {
		return text
	}
	delete(object, "ruled_out")
	b, err := json.Marshal(object)
	if err != nil {
		return text
	}
	return string(b)
}
