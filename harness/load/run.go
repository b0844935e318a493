package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Sink takes what a run has to say, line by line: a Request for each that was
// settled, Progress four times a second, at the end a Tally per lane. Calls come
// from one goroutine. A slow sink delays what is told and not the load. What a
// line points at is the sink's to keep.
type Sink func(evidence.Line)

// How often rows and progress are handed out.
const (
	batchEvery    = 50 * time.Millisecond
	progressEvery = 250 * time.Millisecond
)

// Run sends the plan's load until its duration is over or ctx ends, settles
// what is in flight (each request within its own timeout), and returns a tally
// per lane, the noise arm's last. It fails if the plan cannot be run, with a
// *net.DNSError underneath if the host has no address, or if the books do not
// balance.
func Run(ctx context.Context, plan Plan, sink Sink) ([]evidence.Tally, error) {
	return runPlan(ctx, plan, sink, func() {})
}

// runPlan is Run with a call after each batch of lines.
func runPlan(ctx context.Context, plan Plan, sink Sink, batch func()) ([]evidence.Tally, error) {
	if err := plan.validate(); err != nil {
		return nil, fmt.Errorf("cannot run the load: %w", err)
	}
	lanes, stop, err := open(ctx, plan)
	if err != nil {
		return nil, fmt.Errorf("cannot run the load: %w", err)
	}
	defer stop()
	done := make(chan struct{})
	var wg sync.WaitGroup
	start := now()
	for _, l := range lanes {
		wg.Go(func() { l.run(ctx, start, plan.Duration) })
	}
	go func() {
		wg.Wait()
		close(done)
	}()
	return tell(lanes, done, sink, batch)
}

// open makes a plan's lanes ready, the noise arm's with its server.
func open(ctx context.Context, plan Plan) (lanes []*lane, stop func(), err error) {
	u, err := parseURL(plan.URL)
	if err != nil {
		return nil, nil, err
	}
	s, err := resolve(ctx, u)
	if err != nil {
		return nil, nil, err
	}
	for _, spec := range plan.Lanes {
		l, err := newLane(spec, u, s, plan.Witness)
		if err != nil {
			return nil, nil, err
		}
		lanes = append(lanes, l)
	}
	if !plan.Noise {
		return lanes, func() {}, nil
	}
	noise, stop, err := openNoise(ctx, plan.Lanes)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot start the noise arm: %w", err)
	}
	return append(lanes, noise), stop, nil
}

// tell hands out rows and progress until the lanes are done, then the tallies.
func tell(lanes []*lane, done <-chan struct{}, sink Sink, batch func()) ([]evidence.Tally, error) {
	tick := time.NewTicker(batchEvery)
	defer tick.Stop()
	var spare []evidence.Request
	var told time.Duration
	for running := true; running; {
		select {
		case <-done:
			running = false
		case <-tick.C:
		}
		for _, l := range lanes {
			rows := l.ledger.drain(spare)
			for _, q := range rows {
				sink(evidence.Line{Request: &q})
			}
			spare = rows
		}
		if at := now(); !running || at-told >= progressEvery {
			told = at
			for _, l := range lanes {
				p := l.ledger.progress()
				sink(evidence.Line{Progress: &p})
			}
		}
		batch()
	}
	tallies := make([]evidence.Tally, len(lanes))
	var errs []error
	for i, l := range lanes {
		tallies[i] = l.ledger.tally()
		sink(evidence.Line{Tally: &tallies[i]})
		errs = append(errs, l.ledger.check())
	}
	batch()
	return tallies, errors.Join(errs...)
}
