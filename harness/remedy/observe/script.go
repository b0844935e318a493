package observe

import (
	"os"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// script is the app's script on disk, and when it was last changed.
type script struct {
	path    string
	changed time.Time
}

// look says when the script has been changed since the last look: a deployment,
// most likely. A script that is away for a moment is being replaced.
func (s *script) look(procs []pm2.Process, app string, at time.Duration) (Event, bool) {
	i := slices.IndexFunc(procs, func(p pm2.Process) bool { return p.Name == app && p.ID >= 0 })
	if i < 0 {
		return Event{}, false
	}
	st, err := os.Stat(procs[i].Script)
	if err != nil {
		return Event{}, false
	}
	was := *s
	*s = script{procs[i].Script, st.ModTime()}
	if was.path == "" || was == *s {
		return Event{}, false
	}
	return Event{At: at, Kind: KindDeploy, ID: -1, Text: "the app's script " + s.path + " was changed on disk"}, true
}
