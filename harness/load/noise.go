package load

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// The noise arm's load: a part of the short lane's rate, and never so little
// that a second passes without a witness.
const (
	noiseShare   = 0.2
	minNoiseRate = 10                   // requests per second
	noiseAnswer  = 3 * time.Millisecond // how long its server takes
)

// openNoise makes the noise arm ready: the same generator at a trivial server of
// our own, on a free port of the loopback. What it loses, the host lost.
func openNoise(ctx context.Context, lanes []Lane) (*lane, func(), error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	srv := &http.Server{Handler: http.HandlerFunc(answerNoise)}
	l, err := noiseLane(ctx, lanes, "http://"+ln.Addr().String())
	if err != nil {
		return nil, nil, errors.Join(err, ln.Close())
	}
	go func() { _ = srv.Serve(ln) }() // ends with ErrServerClosed when stopped
	return l, func() { _ = srv.Close() }, nil
}

func noiseLane(ctx context.Context, lanes []Lane, base string) (*lane, error) {
	u, err := parseURL(base)
	if err != nil {
		return nil, err
	}
	s, err := resolve(ctx, u)
	if err != nil {
		return nil, err
	}
	like := lanes[0]
	for _, l := range lanes {
		if l.Kind == Short {
			like = l
			break
		}
	}
	spec := Lane{Name: evidence.LaneNoise, Kind: Short, Rate: max(like.Rate*noiseShare, minNoiseRate), Timeout: like.Timeout}
	return newLane(spec, u, s, false)
}

func answerNoise(w http.ResponseWriter, r *http.Request) {
	t := time.NewTimer(noiseAnswer)
	defer t.Stop()
	select {
	case <-t.C:
		_, _ = w.Write([]byte("ok\n")) // a client that is gone settles its own row
	case <-r.Context().Done():
	}
}
