package load

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// showEvery is how often people are told how it goes.
const showEvery = time.Second

// view shows a run of one lane: as a table with progress on stderr, or as JSON
// lines. It holds the result to the rows that it saw.
type view struct {
	json           bool
	stdout, stderr io.Writer
	colour         bool // of stdout
	redraw         bool // stderr is a terminal: progress stays on one line

	begun   time.Duration
	shown   time.Duration
	seen    map[evidence.Class]int
	first   map[evidence.Class]evidence.Request // the first loss of each class
	latency []time.Duration                     // of answered requests, from when they were due
	err     error
}

func newView(asJSON bool, stdout, stderr io.Writer) *view {
	at := now()
	return &view{
		json: asJSON, stdout: stdout, stderr: stderr, begun: at, shown: at,
		colour: isTerminal(stdout) && os.Getenv("NO_COLOR") == "", redraw: isTerminal(stderr),
		seen: map[evidence.Class]int{}, first: map[evidence.Class]evidence.Request{},
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// line is the run's Sink.
func (v *view) line(l evidence.Line) {
	switch {
	case l.Request != nil:
		v.request(l)
	case l.Progress != nil && now()-v.shown >= showEvery:
		v.shown = now()
		if v.json {
			v.print(l)
			return
		}
		v.progress(*l.Progress)
	}
}

func (v *view) request(l evidence.Line) {
	q := *l.Request
	v.seen[q.Class]++
	if q.Class == evidence.Answered {
		v.latency = append(v.latency, q.Done-q.Due)
		return
	}
	if _, ok := v.first[q.Class]; !ok {
		v.first[q.Class] = q
	}
	if v.json {
		v.print(l)
	}
}

func (v *view) progress(p evidence.Progress) {
	start, end := "", "\n"
	if v.redraw {
		start, end = "\r\x1b[K", ""
	}
	_, err := fmt.Fprintf(v.stderr, "%s%4.0fs  %d owed, %d answered, %d dropped%s", start,
		(now() - v.begun).Seconds(), p.Owed, p.Answered, p.Dropped, end)
	v.err = errors.Join(v.err, err)
}

func (v *view) print(x any) {
	if v.err == nil {
		v.err = json.NewEncoder(v.stdout).Encode(x)
	}
}

// result prints the end of it. It fails when that cannot be written or the tally
// and the rows disagree.
func (v *view) result(t evidence.Tally) error {
	for _, c := range evidence.Classes() {
		if v.seen[c] != t.Counts[c] {
			return fmt.Errorf("cannot balance lane %s: %d %s counted, %d recorded", t.Lane, t.Counts[c], c, v.seen[c])
		}
	}
	slices.Sort(v.latency)
	if v.json {
		v.print(v.summary(t))
	} else {
		v.table(t)
	}
	if v.err != nil {
		return fmt.Errorf("cannot print the result: %w", v.err)
	}
	return nil
}

// summary is the last JSON line; its times are in milliseconds.
func (v *view) summary(t evidence.Tally) map[string]any {
	s := map[string]any{
		"lane": t.Lane, "owed": t.Owed, "dropped": dropped(t), "max_lag_ms": ms(t.MaxLag),
		"latency_ms": map[string]float64{"p50": v.quantile(0.5), "p99": v.quantile(0.99), "max": v.quantile(1)},
	}
	for _, c := range evidence.Classes() {
		s[string(c)] = t.Counts[c]
	}
	return s
}

func (v *view) table(t evidence.Tally) {
	row := func(name string, n int, bad bool, note string) {
		paint, plain := "", ""
		if v.colour && bad {
			paint, plain = "\x1b[31m", "\x1b[0m"
		}
		_, err := fmt.Fprintf(v.stdout, "%s%-13s%9d%s%s\n", paint, name, n, plain, note)
		v.err = errors.Join(v.err, err)
	}
	if v.redraw {
		fmt.Fprint(v.stderr, "\r\x1b[K")
	}
	row("owed", t.Owed, false, "")
	for _, c := range evidence.Classes() {
		row(string(c), t.Counts[c], c != evidence.Answered && t.Counts[c] > 0, v.note(c))
	}
	row("dropped", dropped(t), dropped(t) > 0, "")
	_, err := fmt.Fprintf(v.stdout, "latency from when due: p50 %.1f ms, p99 %.1f ms, max %.1f ms\n",
		v.quantile(0.5), v.quantile(0.99), v.quantile(1))
	v.err = errors.Join(v.err, err)
}

// note tells of the first request that ended so.
func (v *view) note(c evidence.Class) string {
	q, ok := v.first[c]
	if !ok {
		return ""
	}
	s := fmt.Sprintf("   first %s at %.1fs", q.ID, (q.Due - v.begun).Seconds())
	for _, part := range []string{q.Phase, q.Detail} {
		if part != "" {
			s += ", " + part
		}
	}
	if c == evidence.WrongStatus {
		s += fmt.Sprintf(", status %d", q.Status)
	}
	return s
}

// quantile is in milliseconds; 0 when nothing was answered.
func (v *view) quantile(q float64) float64 {
	if len(v.latency) == 0 {
		return 0
	}
	return ms(v.latency[min(int(q*float64(len(v.latency))), len(v.latency)-1)])
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
