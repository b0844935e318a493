package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/pm2drill/pm2drill/harness/host"
)

// Owner names a process so that it can be told whether it still runs: where its
// pid means something (boot id and pid namespace: two CI containers on one
// machine may share an engine), pid and start time. Pids are used again, all of
// these together are not.
func Owner(pid int) string {
	boot, err := host.BootID()
	if err != nil {
		boot = "unknown"
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		space = "unknown"
	}
	p, err := host.Stat(pid)
	if err != nil {
		return fmt.Sprintf("%s %s/%d/0", boot, space, pid)
	}
	return fmt.Sprintf("%s %s/%d/%d", boot, space, pid, p.Start)
}

// dead reports whether the owner is a process of this machine and pid namespace
// that is no more. One of another's, sharing the engine, is never known to be dead.
func dead(label string) bool {
	f := strings.Split(label, "/")
	if len(f) != 3 {
		return false
	}
	pid, err := strconv.Atoi(f[1])
	if err != nil {
		return false
	}
	ours := strings.Split(Owner(os.Getpid()), "/")
	return f[0] == ours[0] && Owner(pid) != label
}

// Sweep removes what runs of this machine left behind whose process is gone.
func (d *Docker) Sweep(ctx context.Context) (int, error) {
	return d.removeAll(ctx, labelRun, dead)
}

// Clean removes everything that pm2drill has made on this engine, running or not.
func (d *Docker) Clean(ctx context.Context) (int, error) {
	return d.removeAll(ctx, labelRun, func(string) bool { return true })
}

// removeAll removes the containers, networks and volumes that carry the label
// and whose owner should go. It goes on after an error.
func (d *Docker) removeAll(ctx context.Context, label string, goes func(owner string) bool) (int, error) {
	with := make(client.Filters).Add("label", label)
	n := 0
	var errs []error
	note := func(err error) {
		if err == nil {
			n++
		} else if !errdefs.IsNotFound(err) {
			errs = append(errs, err)
		}
	}
	containers, err := d.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: with})
	errs = append(errs, err)
	for _, c := range containers.Items {
		if goes(c.Labels[labelOwner]) {
			note(d.remove(ctx, c.ID))
		}
	}
	networks, err := d.api.NetworkList(ctx, client.NetworkListOptions{Filters: with})
	errs = append(errs, err)
	for _, net := range networks.Items {
		if goes(net.Labels[labelOwner]) {
			_, err := d.api.NetworkRemove(ctx, net.ID, client.NetworkRemoveOptions{})
			note(err)
		}
	}
	volumes, err := d.api.VolumeList(ctx, client.VolumeListOptions{Filters: with})
	errs = append(errs, err)
	for _, v := range volumes.Items {
		if goes(v.Labels[labelOwner]) {
			_, err := d.api.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{Force: true})
			note(err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return n, fmt.Errorf("cannot remove what was left behind: %w", err)
	}
	return n, nil
}

// remove ends a container and takes its anonymous volumes with it. One that is
// gone already is fine.
func (d *Docker) remove(ctx context.Context, id string) error {
	_, err := d.api.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	// "already in progress" is the reaper's doing, or the user's.
	if err == nil || errdefs.IsNotFound(err) || errdefs.IsConflict(err) {
		return nil
	}
	return fmt.Errorf("cannot remove container %.12s: %w", id, err)
}

// Reap waits until in ends, which is when the process that holds its other end
// is gone, and then removes everything of that run.
func (d *Docker) Reap(ctx context.Context, in io.Reader, run string) error {
	if _, err := io.Copy(io.Discard, in); err != nil {
		return fmt.Errorf("cannot watch over run %s: %w", run, err)
	}
	// A container that the engine was still creating when the harness died shows
	// up late, so the search is over when two in a row have found nothing.
	for quiet := 0; quiet < 2; {
		n, err := d.removeAll(ctx, labelRun+"="+run, func(string) bool { return true })
		if err != nil {
			return err
		}
		if quiet++; n > 0 {
			quiet = 0
		}
		if err := settled(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Leftovers counts the containers that runs have left behind whose process is gone,
// and those of runs under way.
func (d *Docker) Leftovers(ctx context.Context) (left, running int, err error) {
	all, err := d.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: make(client.Filters).Add("label", labelRun)})
	if err != nil {
		return 0, 0, fmt.Errorf("cannot list containers: %w", err)
	}
	for _, c := range all.Items {
		if dead(c.Labels[labelOwner]) {
			left++
		} else {
			running++
		}
	}
	return left, running, nil
}
