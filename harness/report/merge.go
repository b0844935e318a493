package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/promise"
)

// Shard says which part of a run a report is of, and what the whole run is.
type Shard struct {
	Index        int          `json:"index"` // 1 to Of
	Of           int          `json:"of"`
	Due          int          `json:"due"`           // drills of this part
	Whole        []ShardDrill `json:"whole"`         // the drills of all parts, in the order of a whole run's report
	EngineSum    string       `json:"engine_sum"`    // SHA-256 of the engine under test, as far as this side has it
	WholeCommand string       `json:"whole_command"` // runs all parts as one
}

// ShardDrill is a drill of the whole run.
type ShardDrill struct {
	Scenario string `json:"scenario"`
	Arm      string `json:"arm"`
	Seed     int64  `json:"seed"`
}

// Merge makes one report of the reports of shards, with the drills in the order of a whole
// run. What no shard has drilled is inconclusive in it. It refuses reports that are not parts
// of one run, and says which and in what: another number of parts, version, engine, seed or
// catalogue, or one part twice.
func Merge(shards []Report) (Report, error) {
	if len(shards) == 0 {
		return Report{}, fmt.Errorf("there is no shard to merge")
	}
	for i, s := range shards {
		if s.Run.Shard == nil {
			return Report{}, fmt.Errorf("%s is no shard: it is the report of a whole run, so leave it out", s.Dir)
		}
		for _, before := range shards[:i] {
			if what := findRunMismatch(before.Run, s.Run); what != "" {
				return Report{}, fmt.Errorf("%s and %s are not parts of one run: %s", before.Dir, s.Dir, what)
			}
		}
	}
	out := Report{Run: mergeRuns(shards)}
	left := map[ShardDrill][]Drill{}
	for _, s := range shards {
		out.Voids = append(out.Voids, s.Voids...)
		for _, d := range s.Drills {
			key := buildShardKey(d, s.Run.Seed)
			left[key] = append(left[key], d)
		}
	}
	for _, due := range shards[0].Run.Shard.Whole {
		if found := left[due]; len(found) > 0 {
			out.Drills, left[due] = append(out.Drills, found[0]), found[1:]
			continue
		}
		out.Drills = append(out.Drills, Drill{Scenario: due.Scenario, Arm: due.Arm, Verdict: promise.Inconclusive, Command: shards[0].Run.Shard.WholeCommand})
	}
	for _, s := range shards {
		for _, d := range s.Drills {
			if key := buildShardKey(d, s.Run.Seed); len(left[key]) > 0 {
				return Report{}, fmt.Errorf("%s has a drill of %s (%s arm, seed %d) that the whole run does not have: merge what `pm2drill run` or `gate` has written", s.Dir, key.Scenario, key.Arm, key.Seed)
			}
		}
	}
	return out, nil
}

// buildShardKey names a drill of a shard; one that never began has the seed of its place
// in the plan.
func buildShardKey(d Drill, seed int64) ShardDrill {
	if d.Record != nil {
		seed = d.Record.Header.Seed
	}
	return ShardDrill{d.Scenario, d.Arm, seed}
}

// findRunMismatch says in what two reports are not parts of one run, "" if they are.
func findRunMismatch(a, b Run) string {
	x, y := a.Shard, b.Shard
	for _, c := range []struct {
		what string
		a, b any
	}{
		{"parts in all", x.Of, y.Of}, {"seed", a.Seed, b.Seed}, {"pm2drill", a.Versions.PM2Drill, b.Versions.PM2Drill},
		{"PM2", a.Versions.PM2, b.Versions.PM2}, {"Node", a.Versions.Node, b.Versions.Node},
		{"engine", a.Versions.Engine, b.Versions.Engine}, {"sum of the engine's files", x.EngineSum, y.EngineSum},
	} {
		if c.a != c.b {
			return fmt.Sprintf("%s: %v and %v", c.what, c.a, c.b)
		}
	}
	switch {
	case !slices.Equal(x.Whole, y.Whole):
		return fmt.Sprintf("the catalogue: %d and %d drills in all, or others", len(x.Whole), len(y.Whole))
	case x.Index == y.Index:
		return fmt.Sprintf("both are part %d of %d", x.Index, x.Of)
	}
	return ""
}

// mergeRuns says what was run: from the first start to the last end, on the host that all
// shards have, if they have one.
func mergeRuns(shards []Report) Run {
	first := slices.MinFunc(shards, func(a, b Report) int { return a.Run.Started.Compare(b.Run.Started) }).Run
	out, end := first, time.Time{}
	out.Hosts = nil
	for _, s := range shards {
		if ended := s.Run.Started.Add(s.Run.Duration); ended.After(end) {
			end = ended
		}
		if s.Run.Host != first.Host {
			out.Host = Host{}
		}
		for _, h := range s.Run.Hosts {
			if !slices.Contains(out.Hosts, h) {
				out.Hosts = append(out.Hosts, h)
			}
		}
	}
	out.Duration, out.Command, out.Shard = end.Sub(first.Started), first.Shard.WholeCommand, nil
	return out
}

// Missing says which parts of the run no report is of, "" if none is missing.
func Missing(shards []Report) string {
	var absent []string
	of := shards[0].Run.Shard.Of
	for i := 1; i <= of; i++ {
		if !slices.ContainsFunc(shards, func(s Report) bool { return cmp.Or(s.Run.Shard, &Shard{}).Index == i }) {
			absent = append(absent, fmt.Sprintf("%d/%d", i, of))
		}
	}
	return strings.Join(absent, ", ")
}
