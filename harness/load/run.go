package load

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Sink takes what a run has to say, line by line. Calls come one at a time.
type Sink func(evidence.Line)

// Run sends the plan's load until its duration is over or ctx ends, settles
// what is in flight, and returns a tally per lane. Every request appears in
// the sink as a row once it is settled.
func Run(ctx context.Context, plan Plan, sink Sink) ([]evidence.Tally, error) {
	if err := plan.validate(); err != nil {
		return nil, fmt.Errorf("cannot run the load: %w", err)
	}
	out := &serial{sink: sink}
	lanes := make([]*lane, 0, len(plan.Lanes)+1)
	var open []*streams
	for _, spec := range plan.Lanes {
		if spec.Kind.Stays() {
			open = append(open, newStreams(spec, plan.URL, out))
			continue
		}
		l, err := newLane(spec, plan.URL, plan.Witness, out)
		if err != nil {
			return nil, err
		}
		lanes = append(lanes, l)
	}
	if plan.Noise {
		url, stop, err := serveNoise()
		if err != nil {
			return nil, err
		}
		defer stop()
		l, err := newLane(buildNoiseLane(plan.Lanes), url, false, out)
		if err != nil {
			return nil, err
		}
		lanes = append(lanes, l)
	}
	if plan.Duration > 0 && len(open) > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, plan.Duration)
		defer stop()
	}
	return runLanes(ctx, plan.Duration, lanes, open, out), nil
}

func runLanes(ctx context.Context, d time.Duration, lanes []*lane, open []*streams, out *serial) []evidence.Tally {
	var wg sync.WaitGroup
	start := readClock()
	for _, l := range lanes {
		wg.Go(func() { l.run(ctx, start, d) })
	}
	for _, s := range open {
		wg.Go(func() { s.run(ctx) })
	}
	done := make(chan struct{})
	go func() {
		wg.Wait()
		close(done)
	}()
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for running := true; running; {
		select {
		case <-done:
			running = false
		case <-tick.C:
		}
		for _, l := range lanes {
			p := l.ledger.buildProgress()
			out.passLine(evidence.Line{Progress: &p})
		}
	}
	tallies := make([]evidence.Tally, len(lanes))
	for i, l := range lanes {
		tallies[i] = l.ledger.buildTally()
		out.passLine(evidence.Line{Tally: &tallies[i]})
	}
	for _, s := range open {
		t := s.tally()
		out.passLine(evidence.Line{StreamTally: &t})
	}
	return tallies
}

const progressEvery = 250 * time.Millisecond

// serial makes calls to the sink come one at a time.
type serial struct {
	mu   sync.Mutex
	sink Sink
}

func (s *serial) passLine(l evidence.Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sink(l)
}

// readClock returns the time of CLOCK_MONOTONIC, the record's clock.
func readClock() time.Duration {
	var ts unix.Timespec
	// It cannot fail: the clock exists on every Linux and ts is a valid address.
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return time.Duration(ts.Nano())
}

// buildNoiseLane returns the noise arm's lane: short requests at a fifth of the plan's
// short or first rate, at least 5 a second, with the same timeout.
func buildNoiseLane(lanes []Lane) Lane {
	like := lanes[0]
	for _, l := range lanes {
		if l.Kind == Short || like.Kind.Stays() {
			like = l
		}
	}
	return Lane{Name: evidence.LaneNoise, Kind: Short, Rate: max(like.Rate/5, 5), Timeout: like.Timeout}
}

// serveNoise starts the trivial server on a loopback port of its own.
func serveNoise() (url string, stop func(), err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("cannot start the noise arm: %w", err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("ok\n")) // a client that is gone settles its own row
	})}
	go func() { _ = srv.Serve(ln) }() // ends with ErrServerClosed when stopped
	return "http://" + ln.Addr().String(), func() { _ = srv.Close() }, nil
}
