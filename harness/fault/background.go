package fault

import (
	"context"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/injector"
)

// Background is what goes on around a drill from its steady state on, and is nothing wrong:
// PM2 runs another app, which computes now and then as a cron job does, and is deployed; and
// workers of the drilled app pause, as a long garbage collection has it.
type Background struct {
	Deploy time.Duration // from one deployment of the other app to the next; 0 for no other app
	Pause  time.Duration // from one pause of a worker to the next; 0 for none
	Lasts  time.Duration // how long a pause takes
}

// Present reports whether anything goes on.
func (b Background) Present() bool { return b.Deploy > 0 || b.Pause > 0 }

// Apps are the other apps' names, whose processes come and go.
func (b Background) Apps() []string {
	if b.Deploy > 0 {
		return []string{cluster.Courier}
	}
	return nil
}

// longest is longer than any drill takes.
const longest = 15 * time.Minute

// Begin starts it. It ends with ctx, or with its cluster. deployed is called whenever the
// other app was.
func (b Background) Begin(ctx context.Context, at Site, deployed func()) error {
	if b.Pause > 0 {
		pauses := injector.Posts{Port: at.Port, At: every(b.Pause, b.Pause/2, longest)}
		for range pauses.At {
			pauses.Paths = append(pauses.Paths, fmt.Sprintf("/pause?ms=%d", b.Lasts.Milliseconds()))
		}
		if err := at.injectBehind(ctx, injector.Order{Posts: &pauses}); err != nil {
			return fmt.Errorf("cannot have workers pause: %w", err)
		}
	}
	if b.Deploy > 0 {
		go func() {
			for pause(ctx, b.Deploy) == nil {
				// pm2 restart and not reload, of which PM2 has one lock for all apps. An operator who
				// fails is a part of the background too.
				if at.pm2(ctx, "restart", cluster.Courier) == nil {
					deployed()
				}
			}
		}()
	}
	return nil
}
