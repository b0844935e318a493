package fault

import (
	"context"

	"github.com/pm2drill/pm2drill/harness/cluster"
)

// flags is the folder of files by which an app from outside runs another release
// (fixtures/node-apps/lib/witness.js).
const flags = "/srv/flags/"

// drawn reports whether the app is a fixture, whose releases and paths have drawn names.
func (s Site) drawn() bool { return s.Cluster.Layout().Folder != "" }

// path is what a control path of a fixture is called here.
func (s Site) path(path string) string { return s.Cluster.Layout().Path(path) }

// release puts another release of the app in place.
func (s Site) release(ctx context.Context, flag string) error {
	if s.drawn() {
		return s.Cluster.Deploy(ctx, flag)
	}
	return s.Cluster.Put(ctx, flags+flag, "")
}

// takeBack puts the first release in place again.
func (s Site) takeBack(ctx context.Context, flag string) error {
	if s.drawn() {
		return s.Cluster.Deploy(ctx, cluster.Current)
	}
	return s.Cluster.Remove(ctx, flags+flag)
}

// rollback is the command that takes a release back, typed inside.
func (s Site) rollback(flag string) []string {
	if l := s.Cluster.Layout(); s.drawn() {
		return []string{"cp", "-v", l.Previous(), l.Revision()}
	}
	return []string{"rm", "-v", flags + flag}
}
