package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
	"github.com/pm2drill/pm2drill/harness/report/folder"
)

// symptom is one thing that doctor has looked at.
type symptom struct {
	What   string `json:"what"`
	OK     bool   `json:"ok"`
	Found  string `json:"found"`
	Remedy string `json:"remedy,omitempty"`
}

// newDoctor returns `pm2drill doctor`.
func newDoctor() *cobra.Command {
	cmd := &cobra.Command{
		Use: "doctor [flags]", Short: "check that this machine can run drills", GroupID: groupOther,
		Long:              "Checks that this machine can run drills, and says what to do if it cannot. Exits with 0 if it\ncan, and with 1 if something is missing.",
		Example:           "  pm2drill doctor\n  pm2drill doctor --node 24 --json",
		Args:              cli.RefuseArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	var f session.Flags
	f.DeclareVersions(cmd.Flags())
	asJSON := cmd.Flags().Bool("json", false, "print the findings on stdout as JSON")
	cmd.RunE = cli.Run(func(ctx context.Context, c cli.Call) int { return checkMachine(ctx, c, f, *asJSON) })
	return cmd
}

func checkMachine(ctx context.Context, c cli.Call, f session.Flags, asJSON bool) int {
	if wrong := f.WrongVersion(); wrong != "" {
		return c.Complain("%s", wrong)
	}
	all := examine(ctx, f)
	code := cli.ExitKept
	for _, s := range all {
		if !s.OK {
			code = cli.ExitBroken
		}
	}
	if asJSON {
		enc := json.NewEncoder(c.Stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(all); err != nil {
			return c.Fail(err)
		}
		return code
	}
	for _, s := range all {
		fmt.Fprintf(c.Stdout, "%s %-12s %s\n", cli.FormatMark(s.OK, cli.UsesColour(c.Stdout)), s.What, s.Found)
		if s.Remedy != "" && !s.OK {
			fmt.Fprintf(c.Stdout, "               %s\n", s.Remedy)
		}
	}
	return code
}

// What a machine should have. A drill of four workers under load takes a quarter of a
// core and 500 MB; each lane has a descriptor per request under way.
const (
	leastFiles = 4096
	leastDisk  = 5 << 30
	leastRAM   = 4 << 30
)

// examine looks at one thing after the other, as far as it gets.
func examine(ctx context.Context, f session.Flags) []symptom {
	all := []symptom{checkFiles(), checkDisk("."), checkMemory()}
	docker, err := cluster.Connect(ctx)
	if err != nil {
		return append(all, diagnoseDocker(err, os.Getenv("DOCKER_HOST")))
	}
	defer docker.Close()
	host, err := docker.Host(ctx)
	if err != nil {
		return append(all, symptom{What: "docker", Found: err.Error()})
	}
	all = append(all, symptom{What: "docker", OK: true, Found: fmt.Sprintf("%s, %d cores, kernel %s", host.Docker, host.Cores, host.Kernel)})
	if images, err := docker.Images(ctx, f.Node, f.PM2); err != nil {
		all = append(all, symptom{What: "images", Found: err.Error()})
	} else {
		all = append(all, symptom{What: "images", OK: true, Found: images.Node})
	}
	left, err := docker.Leftovers(ctx)
	if err != nil {
		return append(all, symptom{What: "leftovers", Found: err.Error()})
	}
	return append(all, checkLeftovers(left), checkUnfinished("reports"))
}

// defaultDocker is where Docker's client looks for an engine unless DOCKER_HOST names one.
const defaultDocker = "unix:///var/run/docker.sock"

// diagnoseDocker says why no Docker engine can be used; host is DOCKER_HOST, "" if it is
// not set.
func diagnoseDocker(err error, host string) symptom {
	s := symptom{What: "docker", Found: err.Error()}
	if !errors.Is(err, cluster.ErrUnreachable) {
		return s
	}
	s.Found = fmt.Sprintf("%v at %s", cluster.ErrUnreachable, cmp.Or(host, defaultDocker))
	s.Remedy = "install docker.io (`make docker` does in a clone), or set DOCKER_HOST"
	if strings.Contains(err.Error(), "permission denied") {
		s.Found += ", for this user may not use it"
		s.Remedy = "add the user to the group docker, or run as root"
	}
	return s
}

// checkLeftovers tells of what runs have made and not removed.
func checkLeftovers(l cluster.Leftovers) symptom {
	s := symptom{
		What: "leftovers", OK: len(l.Dead)+len(l.Elsewhere) == 0,
		Found:  fmt.Sprintf("of dead runs: %s; of runs under way: %s", formatKinds(l.Dead), formatKinds(l.Alive)),
		Remedy: "the next run removes them, and `pm2drill clean` at once",
	}
	for _, engine := range l.Elsewhere {
		s.Found += "; dead runs may have left more at " + engine
		s.Remedy += fmt.Sprintf("; `DOCKER_HOST=%s pm2drill clean` does it there", engine)
	}
	for _, told := range l.Told {
		s.Found += "; " + told
	}
	return s
}

// formatKinds lists numbers of things: "container 1, folder 2".
func formatKinds(n map[string]int) string {
	var words []string
	for _, kind := range slices.Sorted(maps.Keys(n)) {
		words = append(words, fmt.Sprintf("%s %d", kind, n[kind]))
	}
	return cmp.Or(strings.Join(words, ", "), "nothing")
}

// checkUnfinished names the runs that have evidence and no report. They need no repair.
func checkUnfinished(dir string) symptom {
	s := symptom{What: "reports", OK: true, Found: "every run in " + dir + " has its report"}
	all, err := os.ReadDir(dir)
	if err != nil {
		return s // no run has been here
	}
	var without []string
	for _, run := range all {
		if run := filepath.Join(dir, run.Name()); folder.IsUnfinished(run) {
			without = append(without, run)
		}
	}
	if len(without) > 0 {
		s.Found = "under way, or killed (`pm2drill judge` reads it): " + strings.Join(without, ", ")
	}
	return s
}

func checkFiles() symptom {
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err != nil {
		return symptom{What: "files", Found: err.Error()}
	}
	return symptom{What: "files", OK: r.Cur >= leastFiles, Found: fmt.Sprintf("%d may be open at a time", r.Cur), Remedy: fmt.Sprintf("ulimit -n %d", leastFiles)}
}

func checkDisk(dir string) symptom {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return symptom{What: "disk", Found: err.Error()}
	}
	free := s.Bavail * uint64(s.Bsize)
	return symptom{What: "disk", OK: free >= leastDisk, Found: fmt.Sprintf("%d GiB are free here", free>>30), Remedy: "images take 2 GiB and the report of a whole run 300 MiB: make room"}
}

func checkMemory() symptom {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return symptom{What: "memory", OK: true, Found: "not known here: " + err.Error()}
	}
	var total uint64
	if _, err := fmt.Sscanf(string(text), "MemTotal: %d kB", &total); err != nil {
		return symptom{What: "memory", Found: err.Error()}
	}
	return symptom{What: "memory", OK: total<<10 >= leastRAM, Found: fmt.Sprintf("%d GiB", total>>20), Remedy: "drill fewer side by side: --jobs 1"}
}
