package fault

import (
	"context"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/injector"
)

// Background is what goes on around a drill from its steady state on, and is nothing wrong:
// the other app that PM2 runs is deployed, and computes each time it starts; and workers of
// the drilled app pause, as a long garbage collection has it.
type Background struct {
	Deploy time.Duration // from one deployment of the other app to the next; 0 for none
	Pause  time.Duration // from one pause of a worker to the next; 0 for none
	Lasts  time.Duration // how long a pause takes
}

// Present reports whether anything goes on.
func (b Background) Present() bool { return b.Deploy > 0 || b.Pause > 0 }

// longest is longer than any drill takes.
const longest = 15 * time.Minute

// Begin starts it. It ends with ctx, or with its cluster. deployed is called whenever the
// other app was.
func (b Background) Begin(ctx context.Context, at Site, deployed func()) error {
	if b.Pause > 0 {
		if err := at.injectBehind(ctx, injector.Order{Posts: at.newPauses(b.Lasts, listEvery(b.Pause, b.Pause/2, longest))}); err != nil {
			return fmt.Errorf("cannot have workers pause: %w", err)
		}
	}
	if b.Deploy > 0 {
		at.Typed = nil // it is about another app
		go func() {
			for pause(ctx, b.Deploy) == nil {
				// pm2 restart and not reload, of which PM2 has one lock for all apps. An operator who
				// fails is a part of the background too.
				if at.runPM2(ctx, "restart", at.Cluster.Layout().Other) == nil {
					deployed()
				}
			}
		}()
	}
	return nil
}
