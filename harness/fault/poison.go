package fault

import (
	"context"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/injector"
)

// PoisonRequests sends requests that their handler cannot survive, one after
// the other; which worker takes one is the cluster primary's choice.
type PoisonRequests struct {
	Paths []string // with their queries
	Says  string   // what a worker says of one
	Kills bool     // whether it dies of it
}

// Kind implements Fault.
func (PoisonRequests) Kind() string { return evidence.KindFault }

// Inject posts each path once. No answer is needed: the worker may be gone.
func (f PoisonRequests) Inject(ctx context.Context, at Site) error {
	if err := at.inject(ctx, injector.Order{Posts: at.posts(f.Paths, nil)}); err != nil {
		return fmt.Errorf("cannot send the poison: %w", err)
	}
	return nil
}

// Bitten says yes once a worker has said the words, and PM2 has seen one end if
// they kill.
func (f PoisonRequests) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := injected(r)
	if !ok {
		return Bite{}, false
	}
	text, died := diedSaying(r, t, f.Says)
	return Bite{Note: fmt.Sprintf("a worker said %q", text)}, text != "" && died == f.Kills
}

// Lift does nothing: a request is over when it is answered, or its worker gone.
func (PoisonRequests) Lift(context.Context, Site) error { return nil }
