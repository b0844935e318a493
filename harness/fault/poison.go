package fault

import (
	"context"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/injector"
)

// PoisonRequests sends requests that their handler cannot survive, one after
// the other; which worker takes one is the cluster primary's choice.
type PoisonRequests struct {
	Paths []string      // with their queries
	Says  string        // what a worker says of one
	Kills bool          // whether it dies of it
	Every time.Duration // from one to the next; 0 for one after the other
}

// Kind implements Fault.
func (PoisonRequests) Kind() string { return evidence.KindFault }

// Inject posts each path once. No answer is needed: the worker may be gone.
func (f PoisonRequests) Inject(ctx context.Context, at Site) error {
	posts, give := at.newPosts(f.Paths, nil), at.inject
	if f.Every > 0 {
		posts.At, give = listEvery(f.Every, 0, f.Every*time.Duration(len(f.Paths))), at.injectBehind
	}
	if err := give(ctx, injector.Order{Posts: posts}); err != nil {
		return fmt.Errorf("cannot send the poison: %w", err)
	}
	return nil
}

// Bitten says yes once a worker has said the words, and PM2 has seen one end if
// they kill.
func (f PoisonRequests) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	text, died := findDyingWords(r, t, f.Says)
	return Bite{Note: fmt.Sprintf("a worker said %q", text)}, text != "" && died == f.Kills
}

// Lift does nothing: a request is over when it is answered, or its worker gone.
func (PoisonRequests) Lift(context.Context, Site) error { return nil }
