package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/report"
)

// connectHosts connects to the hosts, or to that of the environment if there are none.
func connectHosts(ctx context.Context, specs []hostSpec) ([]*host, error) {
	if len(specs) == 0 {
		specs = []hostSpec{{}}
	}
	var hosts []*host
	for _, spec := range specs {
		docker, err := cluster.ConnectTo(ctx, spec.address)
		if err != nil {
			return nil, err
		}
		facts, err := docker.Host(ctx)
		if err != nil {
			return nil, err
		}
		for _, other := range hosts {
			if other.facts.ID == facts.ID {
				return nil, cli.UsageError(fmt.Sprintf("--hosts: %s and %s are the same Docker engine: name it once, with more places, as in %s=4",
					other.docker.Address(), docker.Address(), docker.Address()))
			}
		}
		hosts = append(hosts, &host{docker: docker, facts: facts, boot: &sync.Mutex{}, places: spec.places})
	}
	return hosts, nil
}

// widen gives each host that has no number of places one: that of --jobs, or two a core.
func (s *Session) widen() {
	f := &s.Flags
	for i, h := range s.hosts {
		if h.places == 0 {
			h.places = f.Jobs
		}
		if h.places == 0 {
			h.places = max(1, 2*h.facts.Cores)
		}
		if len(f.Hosts) > 0 {
			f.Hosts[i].places = h.places
		} else {
			f.Jobs = h.places
		}
	}
}

// findImages returns the images of the versions that are asked for, and an engine that has
// them: the only one, or with --hosts that of the environment, where images are built, or
// else the first of the hosts.
func (s *Session) findImages(ctx context.Context) (*cluster.Docker, cluster.Images, error) {
	var from []*cluster.Docker
	if len(s.Flags.Hosts) > 0 {
		if own, err := cluster.Connect(ctx); err == nil {
			from = append(from, own)
		} else if !errors.Is(err, cluster.ErrUnreachable) {
			return nil, cluster.Images{}, err
		}
	}
	for _, h := range s.hosts {
		from = append(from, h.docker)
	}
	var first error
	for _, docker := range from {
		images, err := s.imagesAt(ctx, docker)
		if err == nil {
			return docker, images, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, cluster.Images{}, first
}

// imagesAt returns the images of the versions that are asked for, if an engine has them.
func (s *Session) imagesAt(ctx context.Context, docker *cluster.Docker) (cluster.Images, error) {
	if s.Foreign != "" {
		if err := docker.EnsureImage(ctx, s.Foreign); err != nil {
			return cluster.Images{}, cli.UsageError(err.Error())
		}
		return cluster.Images{NodeVersion: s.Flags.Node, PM2Version: s.Flags.PM2}, nil
	}
	images, err := docker.Images(ctx, s.Flags.Node, s.Flags.PM2)
	var bad cluster.VersionError
	if errors.As(err, &bad) {
		err = cli.UsageError(err.Error())
	}
	return images, err
}

// intend starts who removes what the run makes on the hosts.
func (s *Session) intend(ctx context.Context, run string) (err error) {
	var engines []*cluster.Docker
	for _, h := range s.hosts {
		engines = append(engines, h.docker)
	}
	if s.Intent, err = cluster.Intend(ctx, run, engines...); err != nil {
		return err
	}
	for i, h := range s.hosts {
		h.binary = s.Intent.Binaries[i]
	}
	return nil
}

// bringImages brings to each host what it lacks of the images of the run.
func (s *Session) bringImages(ctx context.Context, from *cluster.Docker) error {
	if len(s.Flags.Hosts) == 0 {
		return nil
	}
	names := []string{s.Bench.Images.Node}
	for _, server := range s.Bench.Images.Servers {
		names = append(names, server)
	}
	if s.Flags.EngineImage != "" {
		names = append(names, s.Flags.EngineImage)
	}
	slices.Sort(names)
	names, err := from.Having(ctx, names...)
	if err != nil {
		return err
	}
	all, ctx := errgroup.WithContext(ctx)
	for _, h := range s.hosts {
		all.Go(func() error {
			lacks, err := h.docker.Lacks(ctx, from, names)
			if err != nil || len(lacks) == 0 {
				return err
			}
			s.Progress.Tell(fmt.Sprintf("bringing %s from %s to %s", strings.Join(lacks, ", "), from.Address(), h.docker.Address()))
			return h.docker.Load(ctx, from, lacks)
		})
	}
	return all.Wait()
}

// describeHosts returns the hosts as the report has them, nil without --hosts.
func (s *Session) describeHosts() []report.RunHost {
	if len(s.Flags.Hosts) == 0 {
		return nil
	}
	out := make([]report.RunHost, len(s.hosts))
	for i, h := range s.hosts {
		out[i] = report.RunHost{Address: h.docker.Address(), Places: h.places, Host: hostFacts(h)}
		if h.lost != nil {
			out[i].Lost = h.lost.Error()
		}
	}
	return out
}

func hostFacts(h *host) report.Host {
	return report.Host{Cores: h.facts.Cores, Kernel: h.facts.Kernel, Docker: h.facts.Docker}
}
