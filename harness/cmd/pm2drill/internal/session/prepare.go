package session

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/pm2drill/pm2drill/fixtures"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/report"
)

// Prepare finds everything a run needs before anything is started, so that what
// is missing is said at once.
func (s *Session) Prepare(ctx context.Context) error {
	f := &s.Flags
	var err error
	if s.hosts, err = connectHosts(ctx, f.Hosts); err != nil {
		return err
	}
	from, images, err := s.findImages(ctx)
	if err != nil {
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
	if err := s.intend(ctx, id); err != nil {
		return err
	}
	apps, err := fixtures.Load()
	if err != nil {
		return err
	}
	first := s.hosts[0]
	s.Bench = drill.Bench{
		Run: id, Seed: f.Seed, Secret: rand.Uint64(), Docker: first.docker, Images: images, Apps: apps, Binary: first.binary, Boot: first.boot,
		Command: s.formatArmCommand, Traced: s.keepTrace, Version: cli.Version(),
	}
	if f.EngineImage != "" {
		if err := from.EnsureImage(ctx, f.EngineImage); err != nil {
			return cli.UsageError(err.Error())
		}
	}
	if err := s.bringImages(ctx, from); err != nil {
		return err
	}
	s.widen()
	s.Report.Run = report.Run{ID: id, Started: s.Started, Seed: f.Seed, Command: s.Command()}
	if len(s.hosts) == 1 {
		s.Report.Run.Host = hostFacts(first)
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
