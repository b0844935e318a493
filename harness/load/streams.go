package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// reconnectAfter is how long a client waits until it connects again. Browsers wait for three to
// five seconds unless the server says otherwise (retry).
const reconnectAfter = time.Second

// streams keeps connections open, and says how each of them ended.
//
//	client --dial--> open --until its end--> row, and again
type streams struct {
	spec Lane
	url  string // of what is asked for
	out  *serial

	mu     sync.Mutex
	dialed int
	ends   map[evidence.StreamEnd]int
}

func newStreams(spec Lane, base string, out *serial) *streams {
	return &streams{spec: spec, url: base + spec.Path, out: out, ends: map[evidence.StreamEnd]int{}}
}

// run keeps every client connected until ctx ends, and returns when all connections have ended.
func (s *streams) run(ctx context.Context) {
	var wg sync.WaitGroup
	for n := range s.spec.Conns {
		wg.Go(func() {
			again := time.NewTimer(0)
			defer again.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-again.C:
				}
				s.connect(ctx, n)
				again.Reset(reconnectAfter)
			}
		})
	}
	wg.Wait()
}

// connect opens one connection and stays until it ends.
func (s *streams) connect(ctx context.Context, client int) {
	x := evidence.Stream{Lane: s.spec.Name, Client: client, Dialed: readClock()}
	s.mu.Lock()
	x.ID = fmt.Sprintf("%s-%d", s.spec.Name, s.dialed)
	s.dialed++
	s.mu.Unlock()
	if s.spec.Kind == WebSockets {
		s.webSocket(ctx, &x)
	} else {
		s.events(ctx, &x)
	}
	x.Ended = readClock()
	s.mu.Lock()
	s.ends[x.End]++
	s.mu.Unlock()
	s.out.passLine(evidence.Line{Stream: &x})
}

func (s *streams) tally() evidence.StreamTally {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := evidence.StreamTally{Lane: s.spec.Name, Clients: s.spec.Conns, Dialed: s.dialed, Ends: map[evidence.StreamEnd]int{}}
	for e, n := range s.ends {
		t.Ends[e] = n
	}
	return t
}

// header is what the request for a connection has besides what its protocol needs.
func (s *streams) header() http.Header {
	h := http.Header{"User-Agent": {"pm2drill"}}
	for name, value := range s.spec.Headers {
		h.Set(name, value)
	}
	return h
}

// transport is a new one for each connection: nothing is shared, and nothing tried twice.
func (s *streams) transport() *http.Transport {
	dialer := &net.Dialer{Timeout: s.spec.Timeout}
	return &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, DisableCompression: true, ResponseHeaderTimeout: s.spec.Timeout}
}

// opened books the answer's header.
func opened(x *evidence.Stream, resp *http.Response) {
	x.Opened = readClock()
	x.PID, _ = strconv.Atoi(resp.Header.Get("X-Worker-Pid")) // 0 when it names none
}

// refuse books a connection that was not opened.
func refuse(ctx context.Context, x *evidence.Stream, resp *http.Response, err error) {
	x.End = evidence.StreamRefused
	switch {
	case ctx.Err() != nil:
		x.End = evidence.StreamLeft
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE), errors.Is(err, unix.EADDRNOTAVAIL), errors.Is(err, unix.ENOBUFS):
		x.End = evidence.StreamUnsent
	}
	if resp != nil {
		x.Code = resp.StatusCode
	}
	if err != nil {
		x.Detail = err.Error()
	}
}
