package promise

import (
	"fmt"
	"net/http"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// AnswersReady: no request meets a worker that is still starting, which says so
// with status 503.
func AnswersReady() Promise {
	return Promise{
		Name:     "answers-ready",
		Sentence: "no request meets a worker that is not ready yet",
		Judge: func(r *evidence.Record) Finding {
			inject, ok := r.Mark(evidence.MarkInject)
			if !ok {
				return newInconclusive("no worker was started under load")
			}
			early, answered := map[int]int{}, 0
			var at []time.Duration
			for i := range r.Requests {
				q := &r.Requests[i]
				switch {
				case q.Done < inject.At || q.Lane == evidence.LaneNoise:
				case q.Class == evidence.WrongStatus && q.Status == http.StatusServiceUnavailable && q.PID > 0:
					early[q.PID]++
					at = append(at, q.Due)
				case q.Class == evidence.Answered:
					answered++
				}
			}
			if len(at) > 0 {
				return newBroken(fmt.Sprintf("%d requests were answered 503 by %d workers that were not ready yet, %d were served",
					len(at), len(early), answered), at...)
			}
			if answered < minOwed {
				return newInconclusive(fmt.Sprintf("%d answers since the injection are too few to judge", answered))
			}
			return newKept(fmt.Sprintf("%d requests, all served by workers that were ready", answered))
		},
	}
}
