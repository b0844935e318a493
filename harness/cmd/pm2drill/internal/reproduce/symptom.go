package reproduce

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pm2drill/pm2drill/harness/capture"
	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/hold"
	"github.com/pm2drill/pm2drill/harness/drill"
)

// symptomCheck captures the reproduction, as the host was captured, and compares both
// symptoms.
type symptomCheck struct {
	host        capture.Manifest
	workers     int             // in cluster mode, as many as the host had; 0 to leave them as they are
	app         string          // PM2's name of it here
	url         string          // its health URL here
	onHost      capture.Symptom // of the host
	watched     time.Duration   // how long the host was watched
	stream      *cluster.Stream
	notCaused   string        // why the incident was not caused; "" if it was
	watchedFull atomic.Bool   // it has been watched so long
	result      chan captured // gets what was taken here
}

// captured holds the result of a capture in the container.
type captured struct {
	symptom capture.Symptom
	err     error
}

// Bounds of how long the reproduction is observed after the injection: as long as the host
// was, but no shorter than the rules need, and no longer than anybody would wait.
const (
	leastWatch = 30 * time.Second
	mostWatch  = 2 * time.Minute
)

func newSymptomCheck(b capture.Bundle, there capture.Symptom, app, url string) *symptomCheck {
	workers := 0
	if len(b.Processes) > 0 && b.Processes[0].Mode == "cluster" {
		workers = len(b.Processes)
	}
	return &symptomCheck{host: b.Manifest, workers: workers, onHost: there, app: app, url: url, watched: min(max(b.Manifest.Watched, leastWatch), mostWatch), result: make(chan captured, 1)}
}

// wrapVisit has the visit's cluster observed from before the injection on, because some
// rules need to have seen a healthy worker.
func (w *symptomCheck) wrapVisit(v drill.Visit, k *hold.Console) drill.Visit {
	return drill.Visit{
		Before: func(ctx context.Context, h *drill.Held) (err error) {
			if err := w.begin(ctx, h.Cluster()); err != nil {
				return err
			}
			notes, err := w.checkStarted(ctx, h.Cluster())
			k.Note(notes...)
			return err
		},
		Stay: func(ctx context.Context, h *drill.Held) error {
			if !h.Harmless() && !hold.HasTakenEffect(h) {
				w.notCaused = hold.DescribeFault(h)
			}
			k.Announce(fmt.Sprintf("same symptom: not known yet, it is watched for %s as the host was", w.watched.Round(time.Second)))
			end := time.AfterFunc(w.watched, func() {
				w.watchedFull.Store(true)
				_ = w.stream.Stdin.Close() // if it has gone, so has the archive, and that is seen
			})
			defer end.Stop()
			go w.compare(k)
			return v.Stay(ctx, h)
		},
	}
}

// begin starts to watch.
func (w *symptomCheck) begin(ctx context.Context, c *cluster.Cluster) (err error) {
	w.stream, err = c.Stream(ctx, cluster.StreamSpec{Cmd: []string{"pm2drill", "agent", "capture", "--app", w.app, "--url", w.url}})
	if err != nil {
		return fmt.Errorf("cannot observe the reproduction: %w", err)
	}
	return nil
}

// compare waits for the capture to be taken, and shows what it says.
func (w *symptomCheck) compare(k *hold.Console) {
	t := captured{}
	t.symptom, t.err = w.read()
	w.result <- t
	_, text := w.compareTo(t)
	k.Announce(text)
}

// read reads the archive once it comes.
func (w *symptomCheck) read() (capture.Symptom, error) {
	raw, err := io.ReadAll(w.stream.Stdout)
	if err != nil {
		return capture.Symptom{}, err
	}
	b, err := capture.Read(bytes.NewReader(raw))
	if err != nil {
		return capture.Symptom{}, fmt.Errorf("%w: %s", err, strings.TrimSpace(w.stream.Stderr()))
	}
	r, err := b.Review()
	return b.Symptom(r), err
}

// compareTo says whether it is the same, and the line that tells it.
func (w *symptomCheck) compareTo(t captured) (capture.Alike, string) {
	alike, why := capture.Unclear, ""
	switch {
	case !w.watchedFull.Load():
		why = fmt.Sprintf("it was not watched for %s as the host was", w.watched.Round(time.Second))
	case w.notCaused != "":
		why = "the incident was not caused: " + w.notCaused
	case t.err != nil:
		why = "the reproduction could not be observed: " + t.err.Error()
	default:
		alike, why = capture.Compare(w.onHost, t.symptom)
	}
	return alike, fmt.Sprintf("same symptom: %s: %s", alike, why)
}

// conclude says in the end whether it was the same, unless it stands there already, and
// returns the exit code for it.
func (w *symptomCheck) conclude(k *hold.Console) int {
	var t captured
	select {
	case t = <-w.result:
	default:
		w.watchedFull.Store(false) // it was left in the last moment
	}
	alike, text := w.compareTo(t)
	k.Conclude(text)
	switch alike {
	case capture.Same:
		return cli.ExitKept
	case capture.Another:
		return cli.ExitBroken
	}
	return cli.ExitInconclusive
}
