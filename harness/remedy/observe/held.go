package observe

import (
	"net/netip"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
)

// Lost is a server that a worker's process was connected to.
type Lost struct {
	Address string        `json:"address"`
	Since   time.Duration `json:"since"` // of the first look at which it was not any more
}

// maxHeld is how many servers are remembered of one process.
const maxHeld = 16

// learnHeld takes in which servers the workers' processes are connected to, by one look at their
// sockets. clients are the local ports at which the app serves: those connections are its clients'.
func (w *Watcher) learnHeld(at time.Duration, socks []host.Socket, clients map[uint16]bool) {
	for _, k := range w.known {
		now := map[string]bool{}
		for _, s := range socks {
			if k.pid > 0 && s.PID == k.pid && s.State == host.TCPEstablished && !clients[s.Local.Port()] {
				now[formatRemote(s)] = true
			}
		}
		k.hold(at, now)
	}
}

// hold takes in what the process is connected to now.
func (k *known) hold(at time.Duration, now map[string]bool) {
	if k.held == nil {
		k.held = map[string]time.Duration{}
	}
	for address, since := range k.held {
		if since == 0 && !now[address] {
			k.held[address] = at
		}
	}
	for address := range now {
		if _, met := k.held[address]; met || len(k.held) < maxHeld {
			k.held[address] = 0
		}
	}
}

// listServers lists the servers that the process is connected to, and those that it was.
func (k *known) listServers() (holds []string, lost []Lost) {
	for address, since := range k.held {
		if since == 0 {
			holds = append(holds, address)
		} else {
			lost = append(lost, Lost{address, since})
		}
	}
	slices.Sort(holds)
	slices.SortFunc(lost, func(a, b Lost) int { return int(a.Since - b.Since) })
	return holds, lost
}

// formatRemote returns the other end of a connection, as servers are named.
func formatRemote(s host.Socket) string {
	return netip.AddrPortFrom(s.Remote.Addr().Unmap(), s.Remote.Port()).String()
}
