package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
)

// shardReport is the report of an empty shard of one drill in all, or of the one that was to
// drill it and never began.
func shardReport(index, due int, seed int64) report.Report {
	r := report.Report{Run: report.Run{ID: "r", Started: time.Unix(1e9, 0).UTC(), Seed: seed, Command: "pm2drill run --shard"}}
	r.Run.Shard = &report.Shard{Index: index, Of: 2, Due: due, WholeCommand: "pm2drill run",
		Whole: []report.ShardDrill{{Scenario: "port-taken", Arm: "engine", Seed: seed}}}
	for range due {
		r.Drills = append(r.Drills, report.Drill{Scenario: "port-taken", Arm: "engine", Verdict: promise.Kept})
	}
	return r
}

// TestMerge: the verb merges what belongs together, says what is missing, and refuses the rest.
func TestMerge(t *testing.T) {
	dir := t.TempDir()
	for name, r := range map[string]report.Report{
		"one": shardReport(1, 1, 7), "two": shardReport(2, 0, 7), "again": shardReport(2, 0, 7), "seed": shardReport(2, 0, 8), "whole": {Run: report.Run{ID: "w"}},
	} {
		if err := folder.Write(filepath.Join(dir, name), report.DigestOf(r)); err != nil {
			t.Fatal(err)
		}
	}
	at := func(names ...string) (paths []string) {
		for _, name := range names {
			paths = append(paths, filepath.Join(dir, name))
		}
		return paths
	}
	out := filepath.Join(dir, "merged")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{append(at("two", "one"), "--out", out), cli.ExitKept, ""},
		{append(at("two"), "--out", out+"-2"), cli.ExitInconclusive, "no report of shard 1/2"},
		{append(at("one"), "--out", out+"-3"), cli.ExitInconclusive, "no report of shard 2/2"},
		{append(at("one", "seed"), "--out", out), cli.ExitUsage, "seed: 7 and 8"},
		{append(at("two", "again"), "--out", out), cli.ExitUsage, "both are part 2 of 2"},
		{append(at("one", "whole"), "--out", out), cli.ExitUsage, "whole is no shard"},
		{append(at("nowhere"), "--out", out), cli.ExitUsage, "nowhere"},
		{append(at("one"), "--out", filepath.Join(dir, "one")+"/"), cli.ExitUsage, "is one of the shards"},
		{at("one", "two"), cli.ExitUsage, "--out"},
		{nil, cli.ExitUsage, "shard-1"},
	} {
		var stdout, stderr strings.Builder
		code := cli.Execute(t.Context(), newRoot(), append([]string{"merge"}, c.args...), nil, &stdout, &stderr)
		if code != c.code || !strings.Contains(stderr.String(), c.says) || strings.Count(stderr.String(), "\n") > 1 {
			t.Errorf("merge %v: exit code %d, want %d: %s", c.args, code, c.code, stderr.String())
		}
	}
	if _, err := os.Stat(filepath.Join(out, "report.html")); err != nil {
		t.Error(err)
	}
}

// TestShardFlag: bad shards are refused with how to write them, and a shard without a seed.
func TestShardFlag(t *testing.T) {
	for _, c := range []struct{ args, says string }{
		{"run --shard 0/4 --seed 1 port-taken", "the first is 1/4"},
		{"run --shard 5/4 --seed 1 port-taken", "the last 4/4"},
		{"gate --engine x --shard 4 --seed 1", "1/4"},
		{"gate --engine x --shard 1/4", "--seed"},
	} {
		var stdout, stderr strings.Builder
		code := cli.Execute(t.Context(), newRoot(), strings.Fields(c.args), nil, &stdout, &stderr)
		if code != cli.ExitUsage || !strings.Contains(stderr.String(), c.says) || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%s: exit code %d: %s", c.args, code, stderr.String())
		}
	}
	var stdout, stderr strings.Builder
	words := strings.Fields("run --shard 2/2 --seed 7 --dry-run port-taken sigint-ignored")
	code := cli.Execute(t.Context(), newRoot(), words, nil, &stdout, &stderr)
	if said := stdout.String(); code != cli.ExitKept || strings.Contains(said, "port-taken") == strings.Contains(said, "sigint-ignored") {
		t.Errorf("exit code %d: %s%s", code, said, stderr.String())
	}
}
