package promise

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Reconfigures: at the end PM2 has a greater timeout than that for every worker,
// and the engine has told people of it as drift from the app's file, as it is. key
// is kill_timeout or listen_timeout.
func Reconfigures(key string, least time.Duration) Promise {
	return Promise{
		Name:     "reconfigures",
		Needs:    Alert,
		Sentence: fmt.Sprintf("every worker runs with a %s above %s, and people are told to commit it", key, least),
		Judge:    func(r *evidence.Record) Finding { return judgeDrift(r, key, least) },
	}
}

func judgeDrift(r *evidence.Record, key string, least time.Duration) Finding {
	if len(r.Snapshots) == 0 {
		return newInconclusive("the observer saw no cluster")
	}
	last := r.Snapshots[len(r.Snapshots)-1]
	told, at := findToldDrift(r, key)
	for _, w := range last.Workers {
		has := w.ListenTimeout
		if key == "kill_timeout" {
			has = w.KillTimeout
		}
		switch {
		case has <= least:
			return newBroken(fmt.Sprintf("worker %d runs with %s at the end", w.ID, has), last.At)
		case told == 0:
			return newBroken("no alert tells of it as drift", last.At)
		case has != told:
			return newBroken(fmt.Sprintf("an alert says %s, and worker %d runs with %s", told, w.ID, has), at)
		}
	}
	return newKept(fmt.Sprintf("all run with %s, and an alert says so", told))
}

// findToldDrift returns the value that an alert says PM2 was given for the key, and when;
// 0 for none.
func findToldDrift(r *evidence.Record, key string) (value, at time.Duration) {
	for _, posted := range r.Alerts {
		var a struct {
			Drift []struct {
				Key string `json:"key"`
				Now int64  `json:"now"`
			} `json:"drift"`
		}
		if json.Unmarshal(posted.Body, &a) != nil {
			continue // for the promise about alerts to judge
		}
		for _, d := range a.Drift {
			if d.Key == key {
				value, at = time.Duration(d.Now)*time.Millisecond, posted.At
			}
		}
	}
	return value, at
}
