package session

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

// Prepare finds everything a run needs before anything is started, so that what
// is missing is said at once.
func (s *Session) Prepare(ctx context.Context) error {
	f := &s.Flags
	docker, err := cluster.Connect(ctx)
	if err != nil {
		return err
	}
	images, err := cluster.Images{NodeVersion: f.Node, PM2Version: f.PM2}, error(nil)
	if s.Foreign == "" {
		images, err = docker.Images(ctx, f.Node, f.PM2)
	} else if err := docker.EnsureImage(ctx, s.Foreign); err != nil {
		return cli.UsageError(err.Error())
	}
	if err != nil {
		var bad cluster.VersionError
		if errors.As(err, &bad) {
			return cli.UsageError(err.Error())
		}
		return err
	}
	f.Node, f.PM2 = images.NodeVersion, images.PM2Version
	id := cli.RunID(s.Started, f.Seed)
	if f.Out == "" {
		f.Out = filepath.Join("reports", id)
	}
	if !s.Fleeting {
		if err := checkUntaken(f.Out); err != nil {
			return err
		}
	}
	if s.Intent, err = docker.Intend(ctx, id); err != nil {
		return err
	}
	apps, err := fixtures.Load()
	if err != nil {
		return err
	}
	s.Bench = drill.Bench{
		Run: id, Seed: f.Seed, Secret: rand.Uint64(), Docker: docker, Images: images, Apps: apps, Binary: s.Intent.Binary, Boot: &sync.Mutex{},
		Command: s.armCommand, Traced: s.traced, Version: cli.Version(),
	}
	if f.EngineImage != "" {
		if err := docker.EnsureImage(ctx, f.EngineImage); err != nil {
			return cli.UsageError(err.Error())
		}
	}
	host, err := docker.Host(ctx)
	if err != nil {
		return err
	}
	if f.Jobs == 0 {
		f.Jobs = max(1, 2*host.Cores)
	}
	s.Report.Run = report.Run{
		ID: id, Started: s.Started, Seed: f.Seed, Command: s.Command(),
		Host: report.Host{Cores: host.Cores, Kernel: host.Kernel, Docker: host.Docker},
	}
	return nil
}

// checkUntaken makes sure that the report has a folder of its own. That it can be written is
// seen when the drills to come are written there, before any of them begins.
func checkUntaken(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return cli.UsageError(fmt.Sprintf("the report folder %s is there already: name another with --out", dir))
	}
	return nil
}
