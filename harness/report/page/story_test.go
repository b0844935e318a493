package page

import (
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

func TestStoryOf(t *testing.T) {
	said := func(seconds float64, text string) evidence.Event {
		return evidence.Event{At: reporttest.At(seconds), Topic: "log:PM2", Text: text}
	}
	rec := &evidence.Record{Header: evidence.Header{App: "app"}, Events: []evidence.Event{
		said(10, "Stopping app:app id:_old_2\n"), said(11, "Stopping app:other id:3"), said(20, "Stopping app:app id:2"),
		{At: reporttest.At(9), Topic: "log:out", Text: "Stopping app:app id:2"},
	}}
	loss := func(server string, worker int, sent, done float64) promise.Loss {
		return promise.Loss{Server: server, Worker: worker, Why: "pid 7 went",
			Request: evidence.Request{Sent: reporttest.At(sent), Done: reporttest.At(done)}}
	}
	detailed := loss(promise.NeverReceived, -1, 10.041, 11)
	detailed.Request.Detail = "read tcp 127.0.0.1:57174->127.0.0.1:3000: EOF"
	unread := loss(promise.NeverReceived, 2, 9, 9.5)
	unread.Request.Reused, unread.PID = true, 7
	for want, l := range map[string]promise.Loss{
		"accepted by worker 2, 41 ms after PM2 began to stop it, never answered; pid 7 went":                loss(promise.Begun, 2, 10.041, 11),
		"accepted by worker 2, 500 ms before PM2 began to stop it, which broke off; pid 7 went":             loss(promise.Aborted, 2, 9.5, 11),
		"answered by worker 2, 1.0 s before PM2 began to stop it, and the answer never arrived; pid 7 went": loss(promise.Finished, 2, 19, 21),
		"accepted by worker 3, never answered; pid 7 went":                                                  loss(promise.Begun, 3, 12, 13),
		"accepted by a worker, never answered; pid 7 went":                                                  loss(promise.Begun, -1, 12, 13),
		"sent on a connection of worker 2, never received; pid 7 went":                                      unread,
		"no worker received it; pid 7 went (EOF)":                                                           detailed,
		"accepted by worker 2, never answered; pid 7 went":                                                  loss(promise.Begun, 2, 8, 9.5),
	} {
		if got := describeLoss(l, findStops(rec)); got != want {
			t.Errorf("%+v reads\n%q, want\n%q", l, got, want)
		}
	}
	if n := len(findStops(rec)[2]); n != 2 {
		t.Errorf("%d stops of worker 2, want 2", n)
	}
}
