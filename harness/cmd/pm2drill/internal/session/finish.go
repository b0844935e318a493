package session

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
)

// Finish writes the report of whatever was drilled and says how it went.
func (s *Session) Finish(c cli.Call, drillErr error) int {
	var engine drill.EngineError
	if errors.As(drillErr, &engine) {
		// There is nothing to report of no engine.
		return c.Refuse(errors.Join(engine, folder.Forget(s.Flags.Out)))
	}
	s.Report.Run.Duration = time.Since(s.Started)
	if len(s.Report.Drills) > 0 || s.Flags.Shard.Of > 0 {
		s.Report.Dir = s.Flags.Out
		if s.Hooks.Conclude != nil {
			drillErr = errors.Join(drillErr, s.Hooks.Conclude(&s.Report))
		}
		digest := report.DigestOf(s.Report)
		drillErr = errors.Join(drillErr, s.write(c, digest))
		if !s.Quiet {
			s.Progress.ShowSummary(digest)
		}
	}
	if drillErr != nil {
		return c.Refuse(drillErr)
	}
	verdict := s.Report.Verdict()
	if s.Hooks.Rule != nil {
		verdict = s.Hooks.Rule(c, s.Report)
	}
	return cli.ExitCode(verdict)
}

// write writes the report, and what the fixtures ran as.
func (s *Session) write(c cli.Call, d report.Digest) error {
	write := s.Hooks.Write
	if write == nil {
		write = func(_ cli.Call, d report.Digest) error { return folder.Write(s.Flags.Out, d) }
	}
	return errors.Join(write(c, d), s.keepApps())
}

// keepApps keeps what the fixtures ran as, and the source map by which stacks can be read.
func (s *Session) keepApps() error {
	if !slices.ContainsFunc(s.Report.Drills, func(d report.Drill) bool { return HasEvidence(d) && d.Record.Header.Drawn != nil }) {
		return nil
	}
	dir := filepath.Join(s.Flags.Out, "app")
	err := os.MkdirAll(dir, 0o755)
	for name, text := range map[string][]byte{"app.js": s.Bench.Apps.Script, "app.js.map": s.Bench.Apps.Map} {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), text, 0o644))
	}
	if err != nil {
		return fmt.Errorf("cannot keep what the fixtures ran as: %w", err)
	}
	return nil
}
