package drill

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/load"
	"github.com/pm2drill/pm2drill/harness/observer"
)

// Where things are inside the container.
const (
	alertPort  = 9911               // the observer's alert sink, loopback of the cluster's namespace
	ownJournal = "/run/access.sock" // of an app from outside (fixtures/node-apps/lib/drilled.js)
)

// maxLine bounds one line of an agent or engine, in bytes.
const maxLine = 4 << 20

func (r *run) startObserver(ctx context.Context) (err error) {
	cmd := []string{
		"observe", "--app", r.drill.App.Name,
		"--port", strconv.Itoa(r.drill.App.Port), "--home", cluster.PM2Home, "--init", strconv.Itoa(r.site.Cluster.Init()),
		"--alert", fmt.Sprintf("127.0.0.1:%d", alertPort), "--journal", r.findJournal(),
	}
	if r.drill.App.Own == nil {
		releases, err := json.Marshal(r.listReleases())
		if err != nil {
			return fmt.Errorf("cannot say what the app is to run: %w", err)
		}
		cmd = append(cmd, "--releases", string(releases))
	}
	for _, dir := range r.listWatchedFiles() {
		cmd = append(cmd, "--files", dir)
	}
	r.observer, err = r.site.Cluster.Agent(ctx, cmd...)
	if err != nil {
		return fmt.Errorf("cannot start the observer: %w", err)
	}
	r.follow("observer", r.observer, r.recordLines(selectObserved), r.noteAgentEnd)
	return nil
}

// listWatchedFiles returns the folders that only a deployment may change, and what PM2
// keeps for its next start. An app from outside may write where it likes in its own.
func (r *run) listWatchedFiles() []string {
	if r.drill.App.Own != nil {
		return nil
	}
	files := r.layout.Folders()
	for _, name := range slices.Concat([]string{"dump.pm2", "module_conf.json", "modules"}, evidence.DaemonFiles()) {
		files = append(files, cluster.PM2Home+"/"+name)
	}
	return files
}

func (r *run) findJournal() string {
	if r.drill.App.Own != nil {
		return ownJournal
	}
	return r.layout.Socket
}

// listReleases returns what a worker of the fixture is told when it asks what to run, by
// the id of its release.
func (r *run) listReleases() map[string]observer.Release {
	out, paths := map[string]observer.Release{}, map[string]string{}
	for path, drawn := range r.layout.Paths {
		sum := sha256.Sum256([]byte(drawn))
		paths[hex.EncodeToString(sum[:])] = path
	}
	for i, name := range cluster.Releases() {
		out[r.layout.Releases[name]] = observer.Release{App: byte(r.bench.Apps.Numbers[r.drill.App.Fixture]), Number: byte(i), Paths: paths, Words: r.drill.App.Words}
	}
	return out
}

func (r *run) startLoad(ctx context.Context, lanes []load.Lane) (err error) {
	plan, err := json.Marshal(load.Plan{
		URL: fmt.Sprintf("http://127.0.0.1:%d", r.drill.App.Port), Lanes: lanes, Noise: true, Witness: true,
	})
	if err != nil {
		return fmt.Errorf("cannot write the load plan: %w", err)
	}
	if r.load, err = r.site.Cluster.Agent(ctx, "load"); err != nil {
		return fmt.Errorf("cannot start the load: %w", err)
	}
	r.follow("load generator", r.load, r.recordLines(selectLoaded), r.noteAgentEnd)
	if _, err := r.load.Stdin.Write(append(plan, '\n')); err != nil {
		return fmt.Errorf("cannot hand the load its plan: %w", err)
	}
	return nil
}

// followRuns reads what the app's job leaves in its database.
func (r *run) followRuns(ctx context.Context) (err error) {
	if r.runs, err = r.site.Cluster.FollowRuns(ctx); err != nil {
		return fmt.Errorf("cannot follow the job's runs: %w", err)
	}
	r.follow("list of the job's runs", r.runs, r.recordJobRun, r.noteAgentEnd)
	return nil
}

func (r *run) recordJobRun(b []byte) error {
	if len(b) == 0 {
		return nil // nothing new
	}
	var j evidence.JobRun
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	r.log.add(evidence.Line{JobRun: &j})
	return nil
}

// noteAgentEnd fails the drill when one of its own agents has ended before its time.
func (r *run) noteAgentEnd(name string, s *cluster.Stream) {
	if !r.hasGivenUp(s) && !r.ending.Load() {
		r.fail(fmt.Errorf("cannot go on: the %s has ended: %s", name, strings.TrimSpace(s.Stderr())))
	}
}

// hasGivenUp reports whether the end of the stream no longer matters.
func (r *run) hasGivenUp(s *cluster.Stream) bool {
	_, gaveUp := r.left.Load(s)
	return gaveUp
}

// follow reads a process's lines until it ends, and then calls ended. What it
// cannot read is kept as the drill's error: evidence with a hole proves nothing.
// Of one that was given up, for it ends slowly, the end may be missing.
func (r *run) follow(name string, s *cluster.Stream, line func([]byte) error, ended func(string, *cluster.Stream)) {
	r.readers.Go(func() {
		sc := bufio.NewScanner(s.Stdout)
		sc.Buffer(make([]byte, 64<<10), maxLine)
		for sc.Scan() {
			if err := line(sc.Bytes()); err != nil && !r.hasGivenUp(s) {
				r.fail(fmt.Errorf("cannot read the %s's line %.200q: %w", name, sc.Bytes(), err))
			}
		}
		if err := sc.Err(); err != nil && !errors.Is(err, io.EOF) && !r.hasGivenUp(s) {
			r.fail(fmt.Errorf("cannot read the %s: %w", name, err))
		}
		ended(name, s)
	})
}

// recordLines returns a function that records an agent's lines, each of which must be of
// a kind that this agent may tell of. A line of another kind is no evidence.
func (r *run) recordLines(own func(evidence.Line) evidence.Line) func([]byte) error {
	return func(b []byte) error {
		var l evidence.Line
		if err := json.Unmarshal(b, &l); err != nil {
			return err
		}
		if own(l) != l || l == (evidence.Line{}) {
			return fmt.Errorf("it is of no kind that this agent tells of")
		}
		r.log.add(l)
		return nil
	}
}

// selectObserved returns what of a line the observer may tell of.
func selectObserved(l evidence.Line) evidence.Line {
	own := evidence.Line{Served: l.Served, Snapshot: l.Snapshot, Event: l.Event, Exit: l.Exit, File: l.File, Usage: l.Usage, Alert: l.Alert}
	if l.Mark != nil && (l.Mark.Name == evidence.MarkJournal || l.Mark.Name == evidence.MarkForged) {
		own.Mark = l.Mark
	}
	return own
}

// selectLoaded returns what of a line the load generator may tell of.
func selectLoaded(l evidence.Line) evidence.Line {
	return evidence.Line{Request: l.Request, Tally: l.Tally, Stream: l.Stream, StreamTally: l.StreamTally, Progress: l.Progress}
}

// readJournal has the observer read the app's journal to its end. It has followed it
// all along.
func (r *run) readJournal(ctx context.Context) error {
	if _, err := io.WriteString(r.observer.Stdin, observer.ReadJournal+"\n"); err != nil {
		return fmt.Errorf("cannot have the app's journal read: %w", err)
	}
	ok, err := r.wait(ctx, settleWithin, func(e *evidence.Record) (string, bool) {
		_, read := e.Mark(evidence.MarkJournal)
		return "the observer reads the app's journal", read
	})
	if err == nil && !ok {
		err = fmt.Errorf("cannot read the app's journal: the observer has not done it within %s", settleWithin)
	}
	return err
}

// stopAgents ends what runs in the container, the engine first.
func (r *run) stopAgents(ctx context.Context) error {
	r.ending.Store(true)
	var errs []error
	for _, s := range []*cluster.Stream{r.engine, r.load, r.runs, r.observer} {
		if s != nil {
			r.left.Store(s, true)
			errs = append(errs, s.Close(ctx))
		}
	}
	r.readers.Wait()
	if r.whole == nil { // else what has happened since is in no record
		errs = append(errs, r.getFailure())
	}
	return errors.Join(errs...)
}
