package page

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report/render"
)

// stopping is what PM2 7.0.4 writes to its log before it signals a worker
// (lib/God/ActionMethods.js, stopProcessId); in a reload the one that leaves is
// called _old_ID.
var stopping = regexp.MustCompile(`Stopping app:(\S+) id:(?:_old_)?(\d+)`)

// findStops returns the times at which PM2 began to stop each worker of the app, by
// worker id.
func findStops(r *evidence.Record) map[int][]time.Duration {
	out := map[int][]time.Duration{}
	for _, e := range r.Events {
		if m := stopping.FindStringSubmatch(e.Text); e.Topic == "log:PM2" && m != nil && m[1] == r.Header.App {
			if id, err := strconv.Atoi(m[2]); err == nil {
				out[id] = append(out[id], e.At)
			}
		}
	}
	return out
}

// describeLoss says what happened to a lost request: which worker had it, how near to the
// worker's end, and what that end was.
func describeLoss(l promise.Loss, stops map[int][]time.Duration) string {
	who := "a worker"
	if l.Worker >= 0 {
		who = fmt.Sprintf("worker %d", l.Worker)
	}
	near := ""
	for _, at := range stops[l.Worker] {
		switch sent := l.Request.Sent; {
		case sent == 0 || at > l.Request.Done:
		case at <= sent:
			near = fmt.Sprintf(", %s after PM2 began to stop it", render.FormatDuration(sent-at))
		default:
			near = fmt.Sprintf(", %s before PM2 began to stop it", render.FormatDuration(at-sent))
		}
	}
	had := ""
	switch l.Server {
	case promise.Begun:
		had = "accepted by " + who + near + ", never answered"
	case promise.Aborted:
		had = "accepted by " + who + near + ", which broke off"
	case promise.Finished:
		had = "answered by " + who + near + ", and the answer never arrived"
	default:
		had = "no worker received it"
		if l.Request.Reused && l.PID > 0 {
			had = "sent on a connection of " + who + near + ", never received"
		}
	}
	// Of a chain of errors the last one: before it stand addresses of this host.
	if detail := l.Request.Detail; detail != "" {
		return fmt.Sprintf("%s; %s (%s)", had, l.Why, strings.TrimSpace(detail[strings.LastIndex(detail, ": ")+1:]))
	}
	return had + "; " + l.Why
}
