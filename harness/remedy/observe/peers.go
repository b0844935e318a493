package observe

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// How often the sockets of the app's processes are looked at. It costs a dump of all TCP
// sockets of the host, so an app at peace is looked at seldom.
const (
	acquaintSlow = 10 * time.Second
	acquaintFast = time.Second
	acquaintNew  = 30 * time.Second // after the start of a process, which is when it connects
	peerKept     = 10 * time.Minute // a connection that the app has not had for so long, while it had others, is forgotten
	maxPeers     = 32               // servers that are remembered
)

// peers are the servers that the app's processes have been seen to be connected to, and
// how they listen.
type peers struct {
	due   time.Duration // of the next look
	known map[string]peer
	binds []Listener
}

// peer is one server.
type peer struct {
	by    string // BySocket or ByAttempt
	last  time.Duration
	looks int // at which it was there
}

// learnServers finds out which servers the app knows: by its sockets, now and then, and by
// its settings. What a log says does not come in here.
func (w *Watcher) learnServers(o *Observation, procs []pm2.Process, hurry bool) {
	if o.Daemon.Alive && o.At >= w.peers.due {
		w.peers.due = o.At + acquaintSlow
		if hurry || slices.ContainsFunc(o.Workers, func(r Worker) bool { return r.Alive && o.At-r.Since < acquaintNew }) {
			w.peers.due = o.At + acquaintFast
		}
		pids := ListLivePIDs(o.Workers)
		if socks, err := host.OfProcesses(append(pids, o.Daemon.PID)...); err == nil {
			w.learnHeld(o.At, socks, w.peers.meet(o, w.port, socks))
		}
	}
	o.Known, o.Binds = w.peers.list(), w.peers.binds
	for _, p := range procs {
		if p.Name != w.app {
			continue
		}
		for _, address := range p.Servers {
			if !IsOwnPort(address, w.port) && !slices.ContainsFunc(o.Known, func(k Server) bool { return k.Address == address }) {
				o.Known = append(o.Known, Server{address, BySetting})
			}
		}
	}
}

// meet takes in one look at the sockets of the app's processes and of PM2's daemon, and returns
// the ports that they serve at.
func (p *peers) meet(o *Observation, port int, socks []host.Socket) (serving map[uint16]bool) {
	serving = map[uint16]bool{uint16(port): true} // connections of these ports are the app's clients
	var binds []Listener
	for _, s := range socks {
		if s.State != host.TCPListen {
			continue
		}
		serving[s.Local.Port()] = true
		if int(s.Local.Port()) == port {
			binds = append(binds, Listener{PID: s.PID, Ours: true, Address: s.Local.String(), V6Only: s.V6Only})
		}
	}
	if len(binds) > 0 {
		p.binds = binds
	}
	for _, s := range socks {
		switch {
		case s.State == host.TCPListen || s.PID == o.Daemon.PID:
		case serving[s.Local.Port()]:
			o.countClient(s, port)
		default:
			p.see(s, o.At)
		}
	}
	p.forget()
	return serving
}

// countClient counts a client's connection for the worker that holds it.
func (o *Observation) countClient(s host.Socket, port int) {
	i := slices.IndexFunc(o.Workers, func(r Worker) bool { return r.PID == s.PID })
	if i >= 0 && int(s.Local.Port()) == port && s.State == host.TCPEstablished {
		o.Workers[i].Conns++
	}
}

// see notes one connection of the app to a server.
func (p *peers) see(s host.Socket, at time.Duration) {
	if p.known == nil {
		p.known = map[string]peer{}
	}
	address := formatRemote(s)
	one := p.known[address]
	if one.last != at {
		one.looks++
	}
	one.last = at
	if one.by != BySocket {
		one.by = ByAttempt
	}
	if s.State == host.TCPEstablished {
		one.by = BySocket
	}
	p.known[address] = one
}

// forget drops what the app has not used for long although it used others, and all that
// is beyond the bound.
func (p *peers) forget() {
	latest := time.Duration(0)
	for _, one := range p.known {
		latest = max(latest, one.last)
	}
	maps.DeleteFunc(p.known, func(_ string, one peer) bool { return latest-one.last > peerKept })
	for _, k := range p.list()[min(len(p.known), maxPeers):] {
		delete(p.known, k.Address)
	}
}

// list names the servers, those that are used most constantly first.
func (p *peers) list() []Server {
	var out []Server
	for _, address := range slices.SortedFunc(maps.Keys(p.known), func(a, b string) int {
		return cmp.Or(p.known[b].looks-p.known[a].looks, cmp.Compare(a, b))
	}) {
		out = append(out, Server{address, p.known[address].by})
	}
	return out
}
