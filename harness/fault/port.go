package fault

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/injector"
)

// PortTaken lets a process that PM2 does not own take the app's port while an
// operator restarts the app: `pm2 stop` frees the port, the stranger binds it,
// and `pm2 start` finds it taken.
type PortTaken struct{}

// service is the other one, and serviceFile where it lies from now on. Nothing in it tells
// what it is there for. It takes the port that its argument is the moment that is free, and
// says so.
//
//go:embed service.js
var service string

const serviceFile = "/home/node/metrics.js"

// Kind implements Fault.
func (PortTaken) Kind() string { return evidence.KindFault }

// Inject stops the app, gives its port away and starts the app again: pm2 start answers with
// code 0 although no worker can bind.
func (PortTaken) Inject(ctx context.Context, at Site) error {
	err := at.Cluster.Put(ctx, serviceFile, service)
	if err == nil {
		err = at.runPM2(ctx, "stop", at.App)
	}
	if err == nil {
		err = startService(ctx, at)
	}
	if err == nil {
		err = at.runPM2(ctx, "start", at.App)
	}
	if err != nil {
		return fmt.Errorf("cannot give the port away: %w", err)
	}
	return nil
}

// startService starts the other service, which goes on, and waits until it has the port.
func startService(ctx context.Context, at Site) error {
	s, err := at.Cluster.Stream(ctx, cluster.StreamSpec{Cmd: []string{"node", serviceFile, strconv.Itoa(at.Port)}})
	if err != nil {
		return err
	}
	said := make(chan error, 1)
	go func() {
		_, err := s.Stdout.Read(make([]byte, 1))
		said <- err
	}()
	select {
	case err = <-said:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("the other service does not listen: %w: %s", err, s.Stderr())
	}
	return nil
}

// Bitten says yes once somebody who is neither the daemon nor a child of it
// listens on the port and a worker has died of it.
func (PortTaken) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok || len(r.Snapshots) == 0 {
		return Bite{}, false
	}
	text, died := findDyingWords(r, t, "EADDRINUSE")
	s := r.Snapshots[len(r.Snapshots)-1]
	for _, l := range s.Listeners {
		if s.At >= t && died && l.PID != s.Daemon && !slices.Contains(s.Children, l.PID) {
			return Bite{Note: fmt.Sprintf("pid %d (%s) listens on port %d; a worker said %q", l.PID, l.Command, l.Port, text)}, true
		}
	}
	return Bite{Note: fmt.Sprintf("%d listeners", len(s.Listeners))}, false
}

// Lift ends the other service and waits until the kernel has taken it away.
func (PortTaken) Lift(ctx context.Context, at Site) error {
	end := injector.End{Init: at.Cluster.Init(), Command: "node " + serviceFile}
	if err := at.inject(ctx, injector.Order{End: &end}); err != nil {
		return fmt.Errorf("cannot end the other service: %w", err)
	}
	return nil
}
