package session

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/shard"
)

// shardFlag is the flag --shard.
type shardFlag struct{ to *shard.Shard }

func (f shardFlag) String() string {
	if f.to == nil {
		return ""
	}
	return f.to.String()
}

func (f shardFlag) Type() string { return "shard" }

func (f shardFlag) Set(s string) (err error) {
	*f.to, err = shard.Parse(s)
	return err
}

// TakeShard leaves of the jobs those of the shard that the flags ask for, all of them if they
// ask for none. The arms of a scenario stay together, since its drills are judged beside each
// other; so do its repetitions, and those of a variant.
func (s *Session) TakeShard(jobs []Job) ([]Job, error) {
	if s.Flags.Shard.Of == 0 {
		return jobs, nil
	}
	if len(jobs) == 0 {
		return jobs, nil // Drill says what is wrong
	}
	sum, err := computeEngineSum(s.Flags)
	if err != nil {
		return nil, err
	}
	groups, err := groupJobs(jobs)
	if err != nil {
		return nil, err
	}
	own := shard.Plan(groups, s.Flags.Shard.Of)[s.Flags.Shard.Index-1]
	s.shard = &report.Shard{Index: s.Flags.Shard.Index, Of: s.Flags.Shard.Of, EngineSum: sum}
	taken := []Job{}
	for _, j := range jobs {
		s.shard.Whole = append(s.shard.Whole, report.ShardDrill{Scenario: j.Scenario.Name, Arm: j.Arm, Seed: j.Seed})
		if slices.ContainsFunc(own, func(g shard.Group) bool { return g.Name == findGroup(j) }) {
			taken = append(taken, j)
		}
	}
	s.shard.Due = len(taken)
	return taken, nil
}

// formatWholeCommand returns the command that drills all shards as one run.
func (s *Session) formatWholeCommand() string {
	whole := Session{Flags: s.Flags, Extra: s.Extra}
	whole.Flags.Shard = shard.Shard{}
	return whole.Command()
}

// findGroup names what a job stays together with.
func findGroup(j Job) string {
	if j.Scenario.Choices != nil {
		return j.Scenario.Name + " " + strconv.FormatInt(j.Seed, 10)
	}
	return j.Scenario.Name
}

// groupJobs sums up how long each group takes, by what was recorded; by its fixed waits and
// the usual overhead where nothing was.
func groupJobs(jobs []Job) ([]shard.Group, error) {
	recorded, err := shard.Durations()
	if err != nil {
		return nil, err
	}
	var groups []shard.Group
	for _, j := range jobs {
		took, known := recorded[shard.Drill{Scenario: j.Scenario.Name, Arm: j.Arm}]
		if !known {
			took = j.Scenario.Least(j.Arm) + overhead
		}
		took *= time.Duration(j.Scenario.Weight())
		at := slices.IndexFunc(groups, func(g shard.Group) bool { return g.Name == findGroup(j) })
		if at < 0 {
			at, groups = len(groups), append(groups, shard.Group{Name: findGroup(j)})
		}
		groups[at].Duration += took
	}
	return groups, nil
}

// computeEngineSum returns a SHA-256, in hex, of what makes the engine under test: its
// command, its image and the files of its folder.
func computeEngineSum(f Flags) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q\n", f.Engine, f.EngineImage)
	if f.EngineDir != "" {
		dir := os.DirFS(f.EngineDir)
		err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			text, err := fs.ReadFile(dir, name)
			fmt.Fprintf(sum, "%q %x\n", name, sha256.Sum256(text))
			return err
		})
		if err != nil {
			return "", fmt.Errorf("cannot read --engine-dir %s: %w", f.EngineDir, err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
