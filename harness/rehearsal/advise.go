package rehearsal

import (
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/promise"
)

// LosesAtEnd says by which act requests or streams are lost when PM2 tells a worker to end, with the
// ruling's reason; "" if no sound act loses any. A slow start loses some for want of a longer
// listen_timeout as well, so it counts only where no reload was sound.
func LosesAtEnd(acts []Act) string {
	sound, reloaded := Sound(acts), false
	for _, name := range []string{"reload", "scale", "slow-start"} {
		i := slices.IndexFunc(sound, func(a Act) bool { return a.Name == name })
		if i < 0 || (name == "slow-start" && reloaded) {
			continue
		}
		reloaded = reloaded || name == "reload"
		if why, broken := drops(sound[i]); broken {
			return fmt.Sprintf("%s: %s", name, why)
		}
	}
	return ""
}

// drops is why the act has broken the promise to drop nothing, or to cut no stream.
func drops(a Act) (because string, broken bool) {
	names := []string{promise.DropsNothing().Name, promise.ClosesStreams(0).Name}
	i := slices.IndexFunc(a.Rulings, func(r promise.Ruling) bool { return slices.Contains(names, r.Name) && r.Verdict == promise.Broken })
	if i < 0 {
		return "", false
	}
	return a.Rulings[i].Because, true
}
