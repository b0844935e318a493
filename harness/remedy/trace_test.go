package remedy

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

var update = flag.Bool("update", false, "write what is found and planned into testdata")

// TestTraces replays every recorded or written run in testdata: observations
// in, findings and plan out. What must come out stands below the line of dashes in
// the same file, so that a change of a rule is reviewed as text.
//
// A trace is a list of lines. Worker rows stay as they are until a line changes
// them; a line "look" ends one observation:
//
//	# a comment
//	limits minhealthy 1 | limits flap 2 | limits cooldown 10
//	look 1.5                        an observation at 1.5 s
//	daemon 100 | daemon dead TEXT | left 0 201 T | daemon hung S TEXT | stray 77 | paused | paused off | rolling
//	worker 0 pid 201 online S ticks 10 beat 1.2 x5 [restarts 3] [unstable 2] [gaveup] [dead] [fork] [instance 4, "-" for none]
//	                                [conns 3] [rss 90] [limit 80]     megabytes
//	                                [heap 90] [heapmax 100]           megabytes
//	                                [files 9] [filesmax 99]   descriptors
//	                                [wait 0.6]                        of its time, for a core, from here on
//	                                [cron 0_3_*_*_*]                  a blank is written _
//	known ADDRESS socket | known ADDRESS attempt | known ADDRESS setting       from here on
//	bind ADDRESS                    where the app was last seen to listen, from here on
//	chorus 0 TEXT
//	exit 0 | online 0 | stopping 0 | asked 0 stop | overlimit 0 | killed -1 | deploy -1 | watched -1 PATH
//	pm2.log 0 TEXT | ended 0 SIGKILL | oom 2     how many the kernel has killed
//	error 0 TEXT | exception 0 TEXT          \n in a TEXT is the end of a line
//	port 24000 [100 ours CMD] [77 foreign CMD]...   one listener per line: "listen"
//	listen ours 100 CMD | listen foreign 77 CMD | listen foreign 77@127.0.0.2:24000 CMD | listen ours:T 77 CMD     its state
//	probe ADDRESS ok | probe ADDRESS refused
//	file NAME PATH there | file NAME PATH absent | file NAME      that belongs elsewhere
//	answer 201 200 [80]             status, and the milliseconds it took
//	check 200 | check 0 TEXT | check 200 6000 | check 500 pid 201      the same, asked at this look
//	moved LINK FOLDER LEADS         a link leads elsewhere, first seen at this look, from here on
//	usual 200 3                     how it answers while all is well, from here on
//	host 80 quota 0.9 memory 90 100  pressure in per cent, share of periods throttled from here on, megabytes used and allowed
//	deeds done | deeds failed | deeds auto      what becomes of planned actions
//	repeat N STEP                   the look before, N times more, STEP seconds apart
//
// Between two looks a worker in state S goes on sending heartbeats, if it ever
// did, and one in state R burns a core.
func TestTraces(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no traces: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in, want, _ := strings.Cut(string(raw), "\n----\n")
			history, limits, auto := readTrace(t, in)
			got := replay(history, limits, auto)
			if *update {
				if err := os.WriteFile(file, []byte(strings.TrimRight(in, "\n")+"\n----\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("the plan differs (go test -update writes it):\ngot:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// TestRecordings replays what a running engine saw in drills of the catalogue
// (`pm2drill run --trace`, gzipped) against the plan stored beside it. A
// recording has the outcome of the engine's own actions in it, so the plan must
// be the one that was carried out.
func TestRecordings(t *testing.T) {
	files, err := filepath.Glob("testdata/recorded/*.jsonl.gz")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file, ".jsonl.gz")
		t.Run(filepath.Base(name), func(t *testing.T) {
			got, golden := replay(recording(t, file), plan.DefaultLimits(), ""), name+".plan"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the plan differs (go test -update writes it):\ngot:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// TestRedactedRecordings: a trace without secrets is diagnosed the same, to the word. The
// catalogue's apps have none. It looks at every third recording, for the time it takes.
func TestRedactedRecordings(t *testing.T) {
	files, err := filepath.Glob("testdata/recorded/*.jsonl.gz")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for i, file := range files {
		if i%3 != 0 {
			continue
		}
		var seen, clean []observe.Observation
		for _, o := range recording(t, file) {
			again, err := redact.Of(new(redact.Redactor), o)
			if err != nil {
				t.Fatal(err)
			}
			seen, clean = append(seen, o), append(clean, again)
		}
		want, got := replay(seen, plan.DefaultLimits(), ""), replay(clean, plan.DefaultLimits(), "")
		if got != want {
			t.Errorf("%s: the plan differs:\n%s", filepath.Base(file), difference(want, got))
		}
	}
}

// difference are the lines of two texts that are not alike.
func difference(want, got string) string {
	was, is := strings.Split(want, "\n"), strings.Split(got, "\n")
	var out []string
	for i := range min(len(was), len(is)) {
		if was[i] != is[i] {
			out = append(out, "- "+was[i], "+ "+is[i])
		}
	}
	return strings.Join(out, "\n")
}

// unzipped is the text of a recording's file.
func unzipped(t *testing.T, file string) io.Reader {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	lines, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func recording(t *testing.T, file string) []observe.Observation {
	t.Helper()
	var history []observe.Observation
	for dec := json.NewDecoder(unzipped(t, file)); dec.More(); {
		var o observe.Observation
		if err := dec.Decode(&o); err != nil {
			t.Fatal(err)
		}
		history = append(history, o)
	}
	return history
}

// replay runs the pure half of the engine over a history. auto says what becomes
// of planned actions when the history itself does not tell: "" for nothing.
func replay(history []observe.Observation, limits plan.Limits, auto string) string {
	var out strings.Builder
	s := plan.NewState(nil)
	var pending []observe.ActionEvent
	reader := diagnose.NewReader(limits.Stall, nodeerr.NewMemo())
	start := history[0].At
	for i := range history {
		if auto != "" {
			history[i].Actions = append(history[i].Actions, pending...)
			pending = nil
		}
		o := history[i]
		var decisions []plan.Decision
		s, decisions = plan.Decide(s, o, diagnose.Diagnose(reader.Read(o)), limits)
		for _, d := range decisions {
			fmt.Fprintf(&out, "%6.1f %s\n", (o.At - start).Seconds(), line(d))
			if d.Kind == plan.Act && auto != "" {
				pending = append(pending,
					observe.ActionEvent{At: o.At, Action: d.Action, Phase: engine.PhaseBegin, ID: d.ID, PID: d.PID},
					observe.ActionEvent{At: o.At, Action: d.Action, Phase: auto, ID: d.ID, PID: d.PID})
			}
		}
	}
	for _, in := range s.Incidents {
		fmt.Fprintf(&out, "   end %s of %s: %s\n", in.Diagnosis.Cause, in.Diagnosis.Subject, in.Stage)
	}
	if out.Len() == 0 {
		return "nothing\n"
	}
	return out.String()
}

// line puts a decision into words.
func line(d plan.Decision) string {
	switch d.Kind {
	case plan.Detect:
		var b strings.Builder
		fmt.Fprintf(&b, "detect %s workers %v (%s)", d.Cause, d.Diagnosis.IDs, d.Subject)
		if d.Diagnosis.Symptom != "" {
			b.Reset()
			fmt.Fprintf(&b, "symptom %s workers %v", d.Diagnosis.Symptom, d.Diagnosis.IDs)
		}
		for _, e := range d.Diagnosis.Evidence {
			fmt.Fprintf(&b, "\n         because %s: %s", e.Source, e.Text)
		}
		for _, r := range d.Diagnosis.RuledOut {
			fmt.Fprintf(&b, "\n         not %s: %s", r.Cause, r.Fact)
		}
		return b.String()
	case plan.Act:
		pid := ""
		if d.PID != 0 {
			pid = fmt.Sprintf(" pid %d", d.PID)
		}
		return fmt.Sprintf("%s worker %d%s: %s", d.Action, d.ID, pid, d.Why)
	case plan.Withhold:
		return fmt.Sprintf("withhold %s of worker %d: %s", d.Action, d.ID, d.Why)
	case plan.Verified:
		return fmt.Sprintf("verified %s\n         %s", d.Cause, strings.Join(d.By, "\n         "))
	}
	said := fmt.Sprintf("%s %s", d.Kind, d.Cause)
	for _, e := range d.Diagnosis.Evidence {
		if e.Source == "audit" { // of the engine's own doing, which no rule says
			said += "\n         because " + e.Text
		}
	}
	if d.Suppressed > 0 {
		said += fmt.Sprintf("\n         people were not told of %d of these before", d.Suppressed)
	}
	return said
}

// tracer reads a trace.
type tracer struct {
	t       *testing.T
	history []observe.Observation
	now     observe.Observation
	open    bool
	waits   map[int]float64 // share of its time that a worker waits for a core
	quota   float64         // share of the periods that are throttled
	limits  plan.Limits
	auto    string
}

func readTrace(t *testing.T, text string) ([]observe.Observation, plan.Limits, string) {
	t.Helper()
	tr := &tracer{t: t, waits: map[int]float64{}, limits: plan.DefaultLimits(), now: observe.Observation{Daemon: observe.Daemon{PID: 100, Alive: true}}}
	sc := bufio.NewScanner(strings.NewReader(text))
	for n := 1; sc.Scan(); n++ {
		l := strings.TrimSpace(sc.Text())
		if l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		if err := tr.line(strings.Fields(l), l); err != nil {
			t.Fatalf("line %d: %q: %v", n, l, err)
		}
	}
	tr.flush()
	return tr.history, tr.limits, tr.auto
}

// flush files the open observation and starts the next one from its rows.
func (tr *tracer) flush() {
	if !tr.open {
		return
	}
	tr.history = append(tr.history, tr.now)
	tr.now.Workers = slices.Clone(tr.now.Workers)
	tr.now.Events, tr.now.Answers, tr.now.Checks, tr.now.Actions, tr.now.OOMKills, tr.now.Rolling = nil, nil, nil, nil, 0, false
	tr.open = false
}

func (tr *tracer) line(f []string, whole string) error {
	rest := func(n int) string {
		parts := strings.SplitN(whole, " ", n+1)
		if len(parts) <= n {
			return ""
		}
		return parts[n]
	}
	switch f[0] {
	case "look":
		tr.flush()
		at, err := seconds(f[1])
		tr.advance(at)
		tr.now.Port, tr.now.Probes, tr.now.Files = nil, nil, nil
		return err
	case "limits":
		return tr.limit(f[1], f[2])
	case "moved":
		tr.now.Moved = &observe.Moved{Link: f[1], Folder: f[2], Leads: f[3], At: tr.now.At}
	case "left":
		id, err := strconv.Atoi(f[1])
		pid, bad := strconv.Atoi(f[2])
		tr.now.Daemon.Left = append(tr.now.Daemon.Left, observe.Remnant{ID: id, PID: pid, State: f[3]})
		return errors.Join(err, bad)
	case "deeds":
		tr.auto = f[1]
	case "daemon":
		if f[1] == "dead" {
			tr.now.Daemon = observe.Daemon{Error: rest(2)}
			return nil
		}
		if f[1] == "hung" {
			tr.now.Daemon.State, tr.now.Daemon.Error = f[2], rest(3)
			return nil
		}
		pid, err := strconv.Atoi(f[1])
		tr.now.Daemon = observe.Daemon{PID: pid, Alive: true}
		return err
	case "stray":
		pid, err := strconv.Atoi(f[1])
		tr.now.Daemon.Strays = append(tr.now.Daemon.Strays, pid)
		return err
	case "paused":
		tr.now.Paused = len(f) == 1 // else: paused off
	case "rolling":
		tr.now.Rolling = true
	case "worker":
		return tr.worker(f[1:])
	case "gone":
		id, err := strconv.Atoi(f[1])
		tr.now.Workers = slices.DeleteFunc(tr.now.Workers, func(w observe.Worker) bool { return w.ID == id })
		return err
	case observe.KindExit, observe.KindOnline, observe.KindOverlimit, observe.KindStopping, observe.KindAsked, observe.KindUnison, observe.KindError, observe.KindException, observe.KindLast, observe.KindKilled, observe.KindDeploy, observe.KindWatched, observe.KindPM2Log, observe.KindEnded:
		id, err := strconv.Atoi(f[1])
		tr.now.Events = append(tr.now.Events, observe.Event{At: tr.now.At, Kind: f[0], ID: id, Text: strings.ReplaceAll(rest(2), `\n`, "\n")})
		return err
	case "port":
		n, err := strconv.Atoi(f[1])
		tr.now.Port = &observe.Port{Number: n}
		return err
	case "listen":
		number, address, _ := strings.Cut(f[2], "@")
		pid, err := strconv.Atoi(number)
		whose, state, _ := strings.Cut(f[1], ":")
		tr.now.Port.Listeners = append(tr.now.Port.Listeners, observe.Listener{PID: pid, State: state, Ours: whose == "ours", Command: rest(3), Address: address})
		return err
	case "known":
		tr.now.Known = append(slices.Clone(tr.now.Known), observe.Server{Address: f[1], By: f[2]})
	case "bind":
		tr.now.Binds = append(slices.Clone(tr.now.Binds), observe.Listener{Address: f[1], Ours: true})
	case "probe":
		p := observe.Probe{Address: f[1], OK: f[2] == "ok"}
		if !p.OK {
			p.Error = rest(2)
		}
		tr.now.Probes = append(tr.now.Probes, p)
	case "file":
		one := observe.File{Missing: nodeerr.Missing{Name: f[1]}}
		if len(f) == 4 {
			one.Path, one.There = f[2], f[3] == "there"
		}
		tr.now.Files = append(tr.now.Files, one)
	case "answer":
		pid, err := strconv.Atoi(f[1])
		status, err2 := strconv.Atoi(f[2])
		a := observe.Answer{PID: pid, Status: status}
		if len(f) > 3 {
			ms, err3 := strconv.Atoi(f[3])
			a.Took, err2 = time.Duration(ms)*time.Millisecond, cmp.Or(err2, err3)
		}
		tr.now.Answers = append(tr.now.Answers, a)
		return cmp.Or(err, err2)
	case "host":
		return tr.host(f)
	case "oom":
		n, err := strconv.Atoi(f[1])
		tr.now.OOMKills = n
		return err
	case "check":
		return tr.check(f, rest(2))
	case "usual":
		status, err := strconv.Atoi(f[1])
		ms, err2 := strconv.Atoi(f[2])
		tr.now.Usual = observe.Usual{Status: status, Took: time.Duration(ms) * time.Millisecond}
		return cmp.Or(err, err2)
	case "deed":
		id, err := strconv.Atoi(f[3])
		tr.now.Actions = append(tr.now.Actions, observe.ActionEvent{At: tr.now.At, Action: f[1], Phase: f[2], ID: id})
		return err
	case "repeat":
		return tr.repeat(f[1], f[2])
	default:
		return fmt.Errorf("%s is not known", f[0])
	}
	return nil
}

// host sets what the host has left.
func (tr *tracer) host(f []string) error {
	var numbers [4]float64
	for i, k := range [...]int{1, 3, 5, 6} {
		n, err := strconv.ParseFloat(f[k], 64)
		if err != nil {
			return err
		}
		numbers[i] = n
	}
	tr.now.Host.Pressure, tr.quota = numbers[0], numbers[1]
	tr.now.Host.Memory, tr.now.Host.Limit = int64(numbers[2])<<20, int64(numbers[3])<<20
	if tr.quota > 0 && tr.now.Host.Periods == 0 {
		tr.now.Host.Periods = 1
	}
	return nil
}

// check files a check of the health URL, which took 3 ms if nothing else is said.
func (tr *tracer) check(f []string, text string) error {
	status, err := strconv.Atoi(f[1])
	a := observe.Answer{At: tr.now.At, Status: status, Took: 3 * time.Millisecond}
	switch {
	case status == 0:
		a.Error = text
	case len(f) == 4:
		a.PID, err = strconv.Atoi(f[3])
	case len(f) == 3:
		ms, err2 := strconv.Atoi(f[2])
		a.Took, err = time.Duration(ms)*time.Millisecond, cmp.Or(err, err2)
	}
	tr.now.Checks = append(tr.now.Checks, a)
	return err
}

// limit sets one of the limits.
func (tr *tracer) limit(name, value string) error {
	n, err := strconv.Atoi(value)
	switch name {
	case "minhealthy":
		tr.limits.MinHealthy = n
	case "flap":
		tr.limits.Flap = n
	case "cooldown":
		tr.limits.Cooldown = time.Duration(n) * time.Second
	default:
		return fmt.Errorf("limit %s is not known", name)
	}
	return err
}

// repeat appends n copies of the open observation; workers that beat keep on
// beating, workers that burn CPU (state R) burn a core.
func (tr *tracer) repeat(times, step string) error {
	n, err := strconv.Atoi(times)
	if err != nil {
		return err
	}
	d, err := seconds(step)
	if err != nil {
		return err
	}
	for range n {
		port, probes, files, answers, checks, was := tr.now.Port, tr.now.Probes, tr.now.Files, tr.now.Answers, slices.Clone(tr.now.Checks), tr.now.At
		tr.flush()
		tr.advance(was + d)
		for i := range checks {
			checks[i].At = tr.now.At
		}
		tr.now.Port, tr.now.Probes, tr.now.Files, tr.now.Answers, tr.now.Checks = port, probes, files, answers, checks
	}
	return nil
}

// advance opens an observation: until then workers in state S have gone on
// sending heartbeats, if they ever did, and workers in state R have burnt a core.
func (tr *tracer) advance(at time.Duration) {
	if passed := (at - tr.now.At).Seconds(); tr.quota > 0 {
		tr.now.Host.Periods += int(10 * passed)
		tr.now.Host.Throttled += int(10 * passed * tr.quota)
	}
	for i := range tr.now.Workers {
		w := &tr.now.Workers[i]
		w.Waited += time.Duration(tr.waits[w.ID] * float64(at-tr.now.At))
		if w.Alive && w.State == "S" && w.Beats > 0 && at-w.Beat > time.Second {
			w.Beat, w.Beats = at-time.Second/2, w.Beats+1
		}
		if w.State == "R" {
			w.Ticks += int((at - tr.now.At).Seconds() * 100)
		}
	}
	tr.now.At, tr.open = at, true
}

// worker sets a row: "0 pid 201 online S ticks 10 beat 1.2 x5 gaveup dead".
func (tr *tracer) worker(f []string) error {
	id, err := strconv.Atoi(f[0])
	if err != nil {
		return err
	}
	i := slices.IndexFunc(tr.now.Workers, func(w observe.Worker) bool { return w.ID == id })
	if i < 0 {
		tr.now.Workers = append(tr.now.Workers, observe.Worker{ID: id, Instance: f[0]})
		i = len(tr.now.Workers) - 1
	}
	w := &tr.now.Workers[i]
	pid := w.PID
	for k := 1; k < len(f); k++ {
		switch word := f[k]; word {
		case "instance":
			k++
			w.Instance = strings.Trim(f[k], "-")
		case "wait":
			k++
			if tr.waits[id], err = strconv.ParseFloat(f[k], 64); err != nil {
				return err
			}
		case "cron":
			k++
			w.Cron = strings.ReplaceAll(f[k], "_", " ")
		case "dump":
			k++
			w.Dump = strings.Trim(f[k], "-")
		case "pid", "ticks", "beat", "restarts", "unstable", "conns", "rss", "limit", "heap", "heapmax", "files", "filesmax":
			k++
			if err := setField(w, word, f[k]); err != nil {
				return err
			}
		case "gaveup":
			w.GaveUp, w.Status, w.PID, w.Alive, w.State = true, "waiting restart", 0, false, ""
		case "backoff":
			w.GaveUp, w.Status, w.Alive, w.State = false, "waiting restart", false, ""
		case "fork":
			w.Mode = word
		case "reused":
			w.Reused = true
		case "online", "launching":
			w.Status, w.Alive, w.GaveUp = word, true, false
		case "stopped":
			w.Status, w.Alive, w.PID, w.GaveUp, w.State = word, false, 0, false, ""
		case "errored":
			w.Status, w.Alive, w.PID, w.GaveUp, w.State = word, false, 0, true, ""
		default:
			if n, ok := strings.CutPrefix(word, "x"); ok {
				if w.Beats, err = strconv.Atoi(n); err != nil {
					return err
				}
				continue
			}
			if len(word) != 1 {
				return fmt.Errorf("%s is not known", word)
			}
			w.State = word
		}
	}
	if w.PID != pid {
		w.Since = tr.now.At
		if !slices.Contains(f, "beat") {
			w.Beat, w.Beats, w.Ticks = 0, 0, 0
		}
	}
	return nil
}

func setField(w *observe.Worker, word, value string) error {
	if word == "beat" {
		at, err := seconds(value)
		w.Beat = at
		return err
	}
	n, err := strconv.Atoi(value)
	switch word {
	case "pid":
		w.PID = n
	case "ticks":
		w.Ticks = n
	case "restarts":
		w.Restarts = n
	case "unstable":
		w.Unstable = n
	case "conns":
		w.Conns = n
	case "rss":
		w.RSS = int64(n) << 20
	case "limit":
		w.Limit = int64(n) << 20
	case "heap":
		w.Heap = int64(n) << 20
	case "heapmax":
		w.HeapMax = int64(n) << 20
	case "files":
		w.Files = n
	case "filesmax":
		w.FilesMax = n
	}
	return err
}

func seconds(s string) (time.Duration, error) {
	f, err := strconv.ParseFloat(s, 64)
	return time.Duration(f * float64(time.Second)), err
}
