package page

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
)

// bucket is how finely the page shows answered requests.
const bucket = 100 * time.Millisecond

// slice is how finely it shows how long answers took: in a shorter time too few
// requests fall due for a percentile.
const slice = 500 * time.Millisecond

// Bounds on what of PM2's bus enters the page; the evidence file has all of it.
const (
	maxEvents = 3000
	maxText   = 400 // bytes of one log line
)

// Bounds on the lost requests that are told one by one: those that somebody other
// than the fault has lost come before the fault's, since promises speak of them.
// Every count is of all of them, and the evidence file has them all.
const (
	pageLosses = 2000 // of a drill, in the page
	JsonLosses = 200  // of a drill, in report.json
)

// timeline is one drill as the page's script reads it. Moments are milliseconds
// since the drill's start; lists of mixed values are rows of a table whose
// columns the field's comment names.
type timeline struct {
	Key     string     `json:"key"`
	End     int64      `json:"end"`
	Open    [2]int64   `json:"open"`  // window to open with
	Focus   int64      `json:"focus"` // moment to open at, -1 for none
	Marks   []markData `json:"marks"`
	Workers []workData `json:"workers"`
	Lanes   []laneData `json:"lanes"`
	Events  [][]any    `json:"events"` // at, topic, event, pm_id, text
	Cut     int        `json:"cut"`    // events left out
	Deeds   [][]any    `json:"deeds"`  // from, to, action, pm_id, failed
	Claims  [][]any    `json:"claims"` // at, type, text
	Alerts  [][]any    `json:"alerts"` // at, status, cause
	Jobs    [][]any    `json:"jobs"`   // at, tick, pid, worker, again
	Words   []string   `json:"words"`  // what losses refer to by index
	Losses  [][]any    `json:"losses"` // see lossRow
	Untold  int        `json:"untold"` // losses left out
}

type markData struct {
	At   int64  `json:"t"`
	Name string `json:"name"`
	Kind string `json:"kind,omitempty"`
	Note string `json:"note,omitempty"`
}

// workData is a worker's row: per level its stretches (from, to, index into
// states, pid) and exits (at, pid, level).
type workData struct {
	ID     int          `json:"id"`
	Levels [][][4]int64 `json:"levels"`
	Exits  [][3]int64   `json:"exits"`
}

// buildTimeline compacts a drill's record for the page.
func buildTimeline(d report.DrillDigest) timeline {
	r := d.Record
	z := zero(r.Header.Start)
	end := findEnd(r)
	t := timeline{
		Key: d.Key, End: z.computeMillis(end), Focus: -1, Marks: []markData{}, Workers: []workData{}, Lanes: []laneData{},
		Deeds: [][]any{}, Claims: [][]any{}, Alerts: [][]any{}, Jobs: listJobRuns(z, r.JobRuns),
	}
	for _, m := range r.Marks {
		t.Marks = append(t.Marks, markData{z.computeMillis(m.At), m.Name, m.Kind, m.Note})
	}
	for _, w := range report.WorkerRows(r, end) {
		t.Workers = append(t.Workers, z.buildWorker(w))
	}
	for _, l := range report.LanesOf(r) {
		t.Lanes = append(t.Lanes, z.buildLane(r, l))
	}
	t.Events, t.Cut = z.selectEvents(r.Events)
	for _, deed := range promise.Deeds(r) {
		until := deed.End
		if until == 0 {
			until = end
		}
		t.Deeds = append(t.Deeds, []any{z.computeMillis(deed.Begin), z.computeMillis(until), deed.Action, deed.ID, deed.Failed})
	}
	for _, c := range r.Claims {
		t.Claims = append(t.Claims, []any{z.computeMillis(c.At), c.Type, cutText(describeClaim(c))})
	}
	for _, a := range r.Alerts {
		body := readAlert(a.Body)
		t.Alerts = append(t.Alerts, []any{z.computeMillis(a.At), cutText(body.Status), cutText(body.Cause)})
	}
	told := Foremost(d.Losses, pageLosses)
	t.Words, t.Losses = z.buildLosses(told, findStops(r))
	t.Untold = len(d.Losses) - len(told)
	t.setOpening(d, z)
	return t
}

// listJobRuns returns the runs of the app's scheduled job; a run is one too many if its
// tick has been run before.
func listJobRuns(z zero, runs []evidence.JobRun) [][]any {
	out, ran := [][]any{}, map[int64]bool{}
	for _, j := range runs {
		out = append(out, []any{z.computeMillis(j.At), j.Tick, j.PID, j.Worker, ran[j.Tick]})
		ran[j.Tick] = true
	}
	return out
}

// zero converts moments of a record to milliseconds since the drill's start.
type zero time.Duration

func (z zero) computeMillis(at time.Duration) int64 {
	return (at - time.Duration(z)).Round(time.Millisecond).Milliseconds()
}

// findEnd returns the last moment that the page shows.
func findEnd(r *evidence.Record) time.Duration {
	if m, ok := r.Mark(evidence.MarkEnd); ok {
		return m.At
	}
	return r.Last()
}

func (z zero) buildWorker(w report.WorkerRow) workData {
	out := workData{ID: w.Id, Exits: [][3]int64{}}
	names := report.States()
	for _, level := range w.Levels {
		segs := [][4]int64{}
		for _, s := range level {
			segs = append(segs, [4]int64{z.computeMillis(s.From), z.computeMillis(s.To), int64(slices.Index(names, s.State)), int64(s.Pid)})
		}
		out.Levels = append(out.Levels, segs)
	}
	for _, e := range w.Exits {
		out.Exits = append(out.Exits, [3]int64{z.computeMillis(e.At), int64(e.Pid), int64(e.Level)})
	}
	return out
}

// selectEvents keeps the first maxEvents events, those of the life cycle before log
// lines: a crash loop writes thousands of those. left is how many it drops.
func (z zero) selectEvents(in []evidence.Event) (rows [][]any, left int) {
	keep := make([]bool, len(in))
	n := 0
	for _, logs := range []bool{false, true} {
		for i, e := range in {
			if isLog := e.Event == ""; isLog == logs && n < maxEvents {
				keep[i] = true
				n++
			}
		}
	}
	rows = [][]any{}
	for i, e := range in {
		if keep[i] {
			rows = append(rows, []any{z.computeMillis(e.At), cutText(e.Topic), cutText(e.Event), e.ID, cutText(e.Text)})
		}
	}
	slices.SortStableFunc(rows, func(a, b []any) int { return int(a[0].(int64) - b[0].(int64)) })
	return rows, len(in) - n
}

// Foremost keeps at most n losses, in their order.
func Foremost(in []promise.Loss, n int) []promise.Loss {
	if len(in) <= n {
		return in
	}
	others := 0
	for _, l := range in {
		if l.Cause != promise.ByFault {
			others++
		}
	}
	others = min(others, n)
	faults := n - others
	out := make([]promise.Loss, 0, n)
	for _, l := range in {
		left := &others
		if l.Cause == promise.ByFault {
			left = &faults
		}
		if *left > 0 {
			*left--
			out = append(out, l)
		}
	}
	return out
}

// buildLosses returns a row for each lost request: id, due, waited, and then, as indices
// into words, lane, class, phase, cause and story; at the end worker, pid and status.
func (z zero) buildLosses(in []promise.Loss, stops map[int][]time.Duration) (words []string, rows [][]any) {
	index := map[string]int{}
	word := func(s string) int {
		i, ok := index[s]
		if !ok {
			i = len(words)
			index[s], words = i, append(words, s)
		}
		return i
	}
	words, rows = []string{}, [][]any{}
	for _, l := range in {
		q := l.Request
		rows = append(rows, []any{q.ID, z.computeMillis(q.Due), (q.Done - q.Due).Milliseconds(),
			word(q.Lane), word(string(q.Class)), word(q.Phase), word(l.Cause), word(describeLoss(l, stops)),
			l.Worker, l.PID, q.Status})
	}
	return words, rows
}

// setOpening decides where the timeline opens: at the first loss, else at the injection,
// with the incident in view.
func (t *timeline) setOpening(d report.DrillDigest, z zero) {
	const margin = 2000
	t.Open = [2]int64{0, t.End}
	var last int64
	if m, ok := d.Record.Mark(evidence.MarkInject); ok {
		t.Focus = z.computeMillis(m.At)
	}
	from := t.Focus
	if len(d.Losses) > 0 {
		t.Focus = z.computeMillis(d.Losses[0].Request.Due)
		last = z.computeMillis(d.Losses[len(d.Losses)-1].Request.Done)
		if from < 0 || t.Focus < from {
			from = t.Focus
		}
	}
	if t.Focus < 0 {
		return
	}
	if m, ok := d.Record.Mark(evidence.MarkRecovered); ok {
		last = max(last, z.computeMillis(m.At))
	}
	if last == 0 {
		last = t.End
	}
	t.Open = [2]int64{max(0, from-margin), min(t.End, last+margin)}
}

// cutText limits a text that somebody else wrote to maxText bytes.
func cutText(s string) string {
	if len(s) <= maxText {
		return s
	}
	return s[:maxText] + "…"
}

// shared is what every timeline of a page refers to.
type shared struct {
	States  []string         `json:"states"`
	Classes []evidence.Class `json:"classes"`
	Bucket  int64            `json:"bucket"` // milliseconds
	Slice   int64            `json:"slice"`  // milliseconds
}

// encodeShared returns the data that all drills share, as JSON. encoding/json escapes <,
// > and & in it, so that no text can end the script element that contains it.
func encodeShared() ([]byte, error) {
	return json.Marshal(shared{report.States(), evidence.Classes(), bucket.Milliseconds(), slice.Milliseconds()})
}

// packTimeline returns a drill's timeline as the page holds it until a reader opens it:
// JSON, compressed by gzip, in base64.
func packTimeline(d report.DrillDigest) (string, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		err = json.NewEncoder(z).Encode(buildTimeline(d))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return "", fmt.Errorf("cannot pack the timeline of %s: %w", d.Key, err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}
