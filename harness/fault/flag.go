package fault

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/injector"
)

// flags is the folder of files by which an app from outside runs another release
// (fixtures/node-apps/lib/witness.js).
const flags = "/srv/flags/"

// isDrawn reports whether the app is a fixture, whose releases and paths have drawn
// names.
func (s Site) isDrawn() bool { return s.Cluster.Layout().Folder != "" }

// resolvePath returns what a control path of a fixture is called here.
func (s Site) resolvePath(path string) string { return s.Cluster.Layout().Path(path) }

// newPosts returns requests to control paths, each when its time has come; without times,
// one after the other.
func (s Site) newPosts(paths []string, when []time.Duration) *injector.Posts {
	posts := injector.Posts{Port: s.Port, At: when}
	for _, path := range paths {
		posts.Paths = append(posts.Paths, s.resolvePath(path))
	}
	return &posts
}

// newPauses returns requests that have a worker pause for so long each.
func (s Site) newPauses(lasts time.Duration, when []time.Duration) *injector.Posts {
	return s.newPosts(slices.Repeat([]string{fmt.Sprintf("/pause?ms=%d", lasts.Milliseconds())}, len(when)), when)
}

// release puts another release of the app in place.
func (s Site) release(ctx context.Context, flag string) error {
	if s.isDrawn() {
		return s.Cluster.Deploy(ctx, flag)
	}
	return s.Cluster.Put(ctx, flags+flag, "")
}

// takeBack puts the first release in place again.
func (s Site) takeBack(ctx context.Context, flag string) error {
	if s.isDrawn() {
		return s.Cluster.Deploy(ctx, cluster.Current)
	}
	return s.Cluster.Remove(ctx, flags+flag)
}

// buildRollback returns the command that takes a release back, typed inside.
func (s Site) buildRollback(flag string) []string {
	if l := s.Cluster.Layout(); s.isDrawn() {
		return []string{"cp", "-v", l.Previous(), l.Revision()}
	}
	return []string{"rm", "-v", flags + flag}
}
