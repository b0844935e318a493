package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

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

// isDead reports whether the owner is a process of this machine and pid namespace that
// exists no more, or one from before this machine was started anew. One of another's,
// sharing the engine, is never known to be dead.
func isDead(label string) bool {
	f := strings.Split(label, "/")
	if len(f) != 3 {
		return false
	}
	pid, err := strconv.Atoi(f[1])
	if err != nil {
		return false
	}
	ours := strings.Split(Owner(os.Getpid()), "/")
	return f[0] == ours[0] && Owner(pid) != label || getBoot(label) != getBoot(ours[0]) && isDeclaredHere(label)
}

// getBoot returns the first part of an owner's name, which tells in which boot of its
// machine the owner ran.
func getBoot(owner string) string {
	boot, _, _ := strings.Cut(owner, " ")
	return boot
}

// thing is something that a run has made.
type thing struct {
	kind   string // container, network, volume, process, folder
	owner  string
	remove func(context.Context) error
}

// lister lists the things of one kind of place, as far as it can.
type lister func(context.Context) ([]thing, error)

// listLabelled lists what carries the label on the engine. It goes on after an error.
func (d *Docker) listLabelled(label string) lister {
	return func(ctx context.Context) ([]thing, error) {
		with := make(client.Filters).Add("label", label)
		var out []thing
		containers, errC := d.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: with})
		for _, c := range containers.Items {
			out = append(out, thing{"container", c.Labels[labelOwner], func(ctx context.Context) error { return d.remove(ctx, c.ID) }})
		}
		networks, errN := d.api.NetworkList(ctx, client.NetworkListOptions{Filters: with})
		for _, n := range networks.Items {
			out = append(out, thing{"network", n.Labels[labelOwner], func(ctx context.Context) error {
				_, err := d.api.NetworkRemove(ctx, n.ID, client.NetworkRemoveOptions{})
				return err
			}})
		}
		volumes, errV := d.api.VolumeList(ctx, client.VolumeListOptions{Filters: with})
		for _, v := range volumes.Items {
			out = append(out, thing{"volume", v.Labels[labelOwner], func(ctx context.Context) error {
				_, err := d.api.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{Force: true})
				return err
			}})
		}
		return out, errors.Join(errC, errN, errV)
	}
}

// listProcesses returns the processes of runs on this host.
func listProcesses(context.Context) ([]thing, error) {
	found, err := host.WithVariable(variable)
	var out []thing
	for pid, owner := range found {
		out = append(out, thing{"process", owner, func(context.Context) error {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				return err
			}
			return nil
		}})
	}
	return out, err
}

// listFolders returns the folders of runs that use this engine. For one of another
// engine's, the folder is the only sign of what may be there.
func (d *Docker) listFolders(context.Context) ([]thing, error) {
	all, err := listDeclared()
	var out []thing
	for owner, engines := range all {
		if len(engines) == 0 || slices.Contains(engines, d.address) {
			out = append(out, thing{"folder", owner, func(context.Context) error { return strike(owner, d.address) }})
		}
	}
	return out, err
}

// listPlaces returns where runs leave things, in the order in which they are removed.
func (d *Docker) listPlaces() []lister {
	return []lister{listProcesses, d.listLabelled(labelRun), d.listFolders}
}

// remove removes what is listed whose owner should go, and counts it. It goes on after an
// error.
func remove(ctx context.Context, list lister, goes func(owner string) bool) (n int, err error) {
	things, err := list(ctx)
	errs := []error{err}
	for _, t := range things {
		if !goes(t.owner) {
			continue
		}
		if err := t.remove(ctx); err == nil {
			n++
		} else if !errdefs.IsNotFound(err) {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return n, fmt.Errorf("cannot remove what was left behind: %w", err)
	}
	return n, nil
}

// sweep removes what runs of this machine left behind whose process is gone. A folder
// goes last, and only when all else has gone.
func (d *Docker) sweep(ctx context.Context) error {
	for _, place := range d.listPlaces() {
		if _, err := remove(ctx, place, isDead); err != nil {
			return err
		}
	}
	return nil
}

// Clean removes everything that pm2drill has made on this engine and this host, of any
// run, under way or not, and says how many things that were.
func (d *Docker) Clean(ctx context.Context) (n int, err error) {
	for _, place := range d.listPlaces() {
		removed, err := remove(ctx, place, func(string) bool { return true })
		if n += removed; err != nil {
			return n, err
		}
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

// Leftovers are things that runs have made, by their kinds.
type Leftovers struct {
	Dead      map[string]int // of runs whose process is gone
	Alive     map[string]int // of runs under way, here or elsewhere
	Elsewhere []string       // other engines on which dead runs may have left something
	Told      []string       // what reapers of dead runs could not remove, in words
}

// Leftovers counts what runs have made on this engine and this host.
func (d *Docker) Leftovers(ctx context.Context) (Leftovers, error) {
	l := Leftovers{Dead: map[string]int{}, Alive: map[string]int{}}
	for _, place := range d.listPlaces() {
		things, err := place(ctx)
		if err != nil {
			return l, fmt.Errorf("cannot look what runs have left: %w", err)
		}
		for _, t := range things {
			if isDead(t.owner) {
				l.Dead[t.kind]++
			} else {
				l.Alive[t.kind]++
			}
		}
	}
	all, err := listDeclared()
	for owner, engines := range all {
		if !isDead(owner) {
			continue
		}
		if told, err := os.ReadFile(filepath.Join(findFolder(owner), fileLeft)); err == nil {
			l.Told = append(l.Told, strings.TrimSpace(string(told)))
		}
		for _, engine := range engines {
			if engine != d.address && !slices.Contains(l.Elsewhere, engine) {
				l.Elsewhere = append(l.Elsewhere, engine)
			}
		}
	}
	return l, err
}
