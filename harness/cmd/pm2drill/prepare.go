package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"

	"github.com/pm2drill/pm2drill/fixtures"
	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/report"
)

// prepare finds everything a run needs before anything is started, so that what
// is missing is said at once.
func (s *session) prepare(ctx context.Context) error {
	f := &s.flags
	docker, err := cluster.Connect(ctx)
	if err != nil {
		return err
	}
	images, err := cluster.Images{NodeVersion: f.node, PM2Version: f.pm2}, error(nil)
	if s.foreign == "" {
		images, err = docker.Images(ctx, f.node, f.pm2)
	} else if err := docker.EnsureImage(ctx, s.foreign); err != nil {
		return cli.UsageError(err.Error())
	}
	if err != nil {
		var bad cluster.VersionError
		if errors.As(err, &bad) {
			return cli.UsageError(err.Error())
		}
		return err
	}
	f.node, f.pm2 = images.NodeVersion, images.PM2Version
	id := cli.RunID(s.started, f.seed)
	if f.out == "" {
		f.out = filepath.Join("reports", id)
	}
	if !s.fleeting {
		if err := untaken(f.out); err != nil {
			return err
		}
	}
	if s.intent, err = docker.Intend(ctx, id); err != nil {
		return err
	}
	apps, err := fixtures.Load()
	if err != nil {
		return err
	}
	s.bench = drill.Bench{
		Run: id, Seed: f.seed, Secret: rand.Uint64(), Docker: docker, Images: images, Apps: apps, Binary: s.intent.Binary, Boot: &sync.Mutex{},
		Command: s.reproduce, Traced: s.traced, Version: cli.Version(),
	}
	if f.image != "" {
		if err := docker.EnsureImage(ctx, f.image); err != nil {
			return cli.UsageError(err.Error())
		}
	}
	host, err := docker.Host(ctx)
	if err != nil {
		return err
	}
	if f.jobs == 0 {
		f.jobs = max(1, 2*host.Cores)
	}
	s.report.Run = report.Run{
		ID: id, Started: s.started, Seed: f.seed, Command: s.command(),
		Host: report.Host{Cores: host.Cores, Kernel: host.Kernel, Docker: host.Docker},
	}
	return nil
}

// untaken makes sure that the report has a folder of its own. That it can be written is
// seen when the drills to come are written there, before any of them begins.
func untaken(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return cli.UsageError(fmt.Sprintf("the report folder %s is there already: name another with --out", dir))
	}
	return nil
}
