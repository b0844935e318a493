package observe

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// Times allowed to what is looked at only when something is wrong.
const (
	probeWithin  = 500 * time.Millisecond // a connection to a server that the app needs
	answerWithin = time.Second            // an answer of the health URL
)

// probe looks at what the engine wants beyond the list: sockets, servers, the
// app's own answers.
func (w *Watcher) probe(ctx context.Context, o *Observation, wants Focus) {
	if wants.Port && w.port > 0 {
		o.Port = w.readPort(*o)
	}
	o.Probes = make([]Probe, len(wants.Addresses))
	var all sync.WaitGroup
	for i, address := range wants.Addresses {
		all.Go(func() { o.Probes[i] = probeServer(ctx, address) })
	}
	if wants.Answers > 0 {
		all.Go(func() {
			if w.url == "" {
				o.Answers = listLived(o.Workers)
				return
			}
			o.Answers = ProbeHealth(ctx, w.url, w.port, wants.Answers, ListLivePIDs(o.Workers))
			for i := range o.Answers {
				o.Answers[i].Meant = classifyStatus(o.Answers[i].Status, w.expected)
			}
		})
	}
	all.Wait()
}

// readPort asks the kernel who listens on the app's port. A listener is PM2's
// own if its process is the daemon or below it; a socket whose owner cannot be
// seen belongs to another user, and so not to the daemon this engine runs beside.
func (w *Watcher) readPort(o Observation) *Port {
	socks, err := host.Listeners(w.port, append(ListLivePIDs(o.Workers), o.Daemon.PID)...)
	if err != nil {
		return nil
	}
	p := &Port{Number: w.port}
	for _, s := range socks {
		l := Listener{PID: s.PID, Address: s.Local.String(), V6Only: s.V6Only}
		if s.PID != 0 {
			l.Command, _ = host.Cmdline(s.PID) // without it, the pid must do
			w.veil.LearnCommand(l.Command)
			l.Command = nodeerr.Clip(l.Command, nodeerr.MaxError)
			l.Ours = host.Descends(s.PID, o.Daemon.PID)
			st, err := host.Stat(s.PID)
			if err != nil {
				continue // it ended while it was looked at
			}
			l.State = string(st.State)
		}
		p.Listeners = append(p.Listeners, l)
	}
	return p
}

// probeServer tries to reach a server and hangs up: host:port, the path of a socket,
// or a host name that need only resolve.
func probeServer(ctx context.Context, address string) Probe {
	ctx, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()
	p := Probe{Address: address}
	var conn net.Conn
	var err error
	switch _, _, split := net.SplitHostPort(address); {
	case strings.HasPrefix(address, "/"):
		conn, err = new(net.Dialer).DialContext(ctx, "unix", address)
	case split != nil:
		_, err = net.DefaultResolver.LookupHost(ctx, address)
	default:
		conn, err = new(net.Dialer).DialContext(ctx, "tcp", address)
	}
	if conn != nil {
		conn.Close()
	}
	p.OK = err == nil
	if err != nil {
		p.Error = explainNoAnswer(err, probeWithin)
	}
	return p
}

// explainNoAnswer returns why a question has failed for which there was so much time, without
// addresses.
func explainNoAnswer(err error, within time.Duration) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("no answer within %s", within)
	}
	return findReason(err)
}

// findReason returns the innermost reason of a network error, without addresses.
func findReason(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return nodeerr.Clip(err.Error(), nodeerr.MaxError)
		}
		err = inner
	}
}

// livedEnough is the uptime from which a process of an app without a URL counts as well. It
// is above PM2's min_uptime of one second, below which a start counts as failed
// (constants.js, MIN_UPTIME).
const livedEnough = 3 * time.Second

// listLived stands for the answers of an app without a URL.
func listLived(workers []Worker) []Answer {
	var out []Answer
	for _, r := range workers {
		if r.Alive && r.Uptime >= livedEnough {
			out = append(out, Answer{PID: r.PID, Status: http.StatusOK, Lived: true})
		}
	}
	return out
}

// ProbeHealth asks the health URL n times, each on a new connection, and finds out from
// the kernel which worker holds the other end of each. In PM2's cluster mode all
// workers share the port, so this is the only way to see a particular one serve.
func ProbeHealth(ctx context.Context, url string, port, n int, pids []int) []Answer {
	answers, doors := make([]Answer, n), make([]connection, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			begun := host.Now()
			answers[i] = doors[i].get(ctx, url)
			answers[i].Took = host.Now() - begun
		})
	}
	all.Wait()
	attribute(answers, doors, port, pids)
	for i := range doors {
		doors[i].transport.CloseIdleConnections()
	}
	return answers
}

// attribute finds the owner of each connection's other end.
func attribute(answers []Answer, doors []connection, port int, pids []int) {
	socks, err := host.Established(port, pids...)
	if err != nil {
		return // they stay unnamed
	}
	for i := range doors {
		k := slices.IndexFunc(socks, func(s host.Socket) bool { return doors[i].local.IsValid() && s.Remote == doors[i].local })
		if k >= 0 {
			answers[i].PID = socks[k].PID
		}
	}
}

// connection is one new connection to the health URL.
type connection struct {
	within    time.Duration // for the whole answer; 0 for answerWithin
	transport *http.Transport
	local     netip.AddrPort
}

// get makes the request. The connection stays open afterwards, so that the
// kernel can still tell whose it is.
func (d *connection) get(ctx context.Context, url string) Answer {
	within := cmp.Or(d.within, answerWithin)
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	// It asks whether this host's own app answers, and tells it nothing: a certificate of
	// the app's own making is no reason to call it ill.
	d.transport = &http.Transport{DialContext: d.dial, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Answer{Error: err.Error()}
	}
	res, err := d.transport.RoundTrip(req)
	if err != nil {
		return Answer{Error: explainNoAnswer(err, within)}
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20)); err != nil {
		return Answer{Status: res.StatusCode, Error: explainNoAnswer(err, within)}
	}
	return Answer{Status: res.StatusCode}
}

func (d *connection) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if a, ok := conn.LocalAddr().(*net.TCPAddr); ok {
		ap := a.AddrPort()
		d.local = netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return conn, nil
}
