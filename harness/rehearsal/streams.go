package rehearsal

import (
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
)

// Streams counts what became of the event streams and WebSockets of each act.
func Streams(acts []Act) (out []report.StreamSum) {
	for _, a := range acts {
		for _, t := range a.Record.StreamTallies {
			s := promise.SumStreams(a.Record, t.Lane)
			out = append(out, report.StreamSum{
				Act: a.Name, Lane: t.Lane, Clients: t.Clients, Opened: s.Opened, Closed: s.Closed, Cut: s.Cut, Refused: s.Refused, Left: s.Left, Apart: s.Apart,
			})
		}
	}
	return out
}
