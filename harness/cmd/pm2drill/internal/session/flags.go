package session

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/shard"
)

// Flags hold what a run was asked for.
type Flags struct {
	Command     string   // of pm2drill: run, gate or selftest
	Names       []string // scenarios and labels
	Arms        []string
	Repeat      int
	Until       Until
	Variants    int // apps to draw, 0 for those of the catalogue
	Jobs        int // drills side by side
	Seed        int64
	Node        string
	PM2         string
	Out         string
	Engine      string
	EngineDir   string // folder of the engine
	EngineImage string // that the engine comes in
	Trace       bool
	AsJSON      bool
	AtFailure   bool // with the first cluster that breaks a promise
	DryRun      bool // say what would be drilled, and drill nothing
	Shard       shard.Shard
	Hosts       []hostSpec // Docker hosts; none for that of the environment
}

// Sections of the help of the verbs that drill.
const (
	sectionHow    = "How it is drilled"
	SectionReport = "Report"
)

// DeclareDrilling adds the flags that every verb has that drills.
func (f *Flags) DeclareDrilling(cmd *cobra.Command) {
	cli.Section(cmd, sectionHow, func(fs *pflag.FlagSet) {
		fs.IntVar(&f.Jobs, "jobs", 0, "drill `N` arms side by side on each Docker host; 0 means two for each core of it. A drill that the load of the host has spoiled is repeated once, and never counts as kept")
		fs.Int64Var(&f.Seed, "seed", 0, "seed `N` of the injection's timing; 0 draws one and prints it")
		f.DeclareVersions(fs)
	})
	cli.Section(cmd, SectionReport, func(fs *pflag.FlagSet) {
		fs.StringVar(&f.Out, "out", "", "write the report to this `FOLDER` (default reports/RUN)")
		fs.BoolVar(&f.AsJSON, "json", false, "print report.json on stdout, and progress on stderr")
	})
	cli.Completions{"out": cli.CompleteFolders}.Register(cmd)
	if cmd.Flags().Lookup("engine-dir") != nil {
		cli.Completions{"engine-dir": cli.CompleteFolders}.Register(cmd)
	}
}

// DeclareVersions adds the flags that choose the image.
func (f *Flags) DeclareVersions(fs *pflag.FlagSet) {
	fs.StringVar(&f.Node, "node", cli.NodeVersion(os.Getenv), "`VERSION` of Node in the image (default "+cluster.DefaultNode+", or the variable NODE)")
	fs.StringVar(&f.PM2, "pm2", os.Getenv("PM2"), "`VERSION` of PM2 in the image (default "+cluster.DefaultPM2+", or the variable PM2)")
	cli.HideDefaults(fs, "node", "pm2")
}

// DeclareTest adds the flags that say how often the engine under test is drilled, or whether it is.
func (f *Flags) DeclareTest(fs *pflag.FlagSet) {
	fs.IntVar(&f.Repeat, "repeat", 1, "drill each arm `N` times")
	fs.Var(shardFlag{&f.Shard}, "shard", "drill only the `I/N`-th part, such as 1/4 and 2/4 on other machines, with the same --seed and all else alike; `pm2drill merge` makes one report of all parts")
	fs.Var(hostsFlag{&f.Hosts}, "hosts", "drill on these Docker `HOSTS`, separated by commas, such as unix:///run/docker.sock,tcp://10.0.0.2:2375=4,ssh://user@host, or on those of a file with one a line. Each drill goes to the next free place of any; =N gives a host N places, --jobs those that have none. Images that a host lacks are copied there and stay; the drills of a host that is lost go to the others")
	fs.BoolVar(&f.DryRun, "dry-run", false, "check the scenarios and the flags, print every drill that would run, and start nothing; needs no Docker")
	fs.BoolVar(&f.AtFailure, "at-failure", false, "keep the cluster of the first drill that breaks a promise, with a live view of it, until you leave; report and exit code stay the same")
}

// DeclareVariants adds the flag that draws apps.
func (f *Flags) DeclareVariants(fs *pflag.FlagSet, what string) {
	fs.IntVar(&f.Variants, "variants", 0, what)
}

// DeclareUntil adds the flags that repeat drills until a rate is known.
func (f *Flags) DeclareUntil(fs *pflag.FlagSet) {
	fs.Var(rateFlag{&f.Until.Bound}, "until", "repeat the drills, with the next seed each time, until the rate of those that break a promise is known to be below this `RATE`, such as 0.1%, or above it: below by Wilson's 95 % interval, above by that of 99.9 % with three or more of them. A rate that is just at the bound is found below it in 8 % of such runs at most, and above it in 5 %. Exits with 0 if it is below, 1 if above, and 2 if --at-most drills do not tell. 0.1% needs 3,838 drills")
	fs.IntVar(&f.Until.AtMost, "at-most", 0, "of --until, do `N` drills at most; 0 means four times as many as would do if none broke a promise")
}

// DeclareEngine adds the flags that name the engine under test.
func (f *Flags) DeclareEngine(fs *pflag.FlagSet) {
	fs.StringVar(&f.Engine, "engine", "", "`COMMAND` of the engine, a line of shell that runs inside the cluster's container (default: the reference engine)")
	fs.StringVar(&f.EngineDir, "engine-dir", "", "`FOLDER` of the engine; it is copied into the container, and the command runs in it")
	fs.StringVar(&f.EngineImage, "engine-image", "", "`IMAGE` of the engine; a container of it runs beside the cluster's, with the command of --engine or its own")
}

// WrongVersion says which of the versions that choose the image is none, "" if both are.
func (f Flags) WrongVersion() string {
	return cmp.Or(cli.RefuseVersion("--node", cmp.Or(f.Node, cluster.DefaultNode)), cli.RefuseVersion("--pm2", cmp.Or(f.PM2, cluster.DefaultPM2)))
}

// Wrong says what of the flags cannot be used, "" if they can, and draws a seed.
func (f *Flags) Wrong(c cli.Call) string {
	if wrong := f.WrongVersion(); wrong != "" {
		return wrong
	}
	word, _, _ := strings.Cut(f.Engine, " ")
	switch {
	case f.Repeat < 1:
		return fmt.Sprintf("--repeat %d drills nothing: give 1 or more", f.Repeat)
	case f.Variants < 0:
		return fmt.Sprintf("--variants %d draws nothing: give 1 or more, or leave it out", f.Variants)
	case f.Variants > 0 && f.Repeat > 1:
		return "--repeat drills the same app again, and --variants another one each time: leave one of them out"
	case f.Shard.Of > 0 && f.Seed == 0:
		return fmt.Sprintf("--shard %s needs --seed: without it each part draws another one, and they cannot be merged", f.Shard)
	case f.Until.Bound > 0 && (f.Repeat > 1 || f.Variants > 0 || f.Shard.Of > 0 || f.DryRun || f.AtFailure):
		return "--until repeats the drills by itself, as often as it takes: leave out --repeat, --variants, --shard, --dry-run and --at-failure"
	case f.Until.AtMost < 0:
		return fmt.Sprintf("--at-most %d drills nothing: give 1 or more, or 0 for as many as may be needed", f.Until.AtMost)
	case f.Until.AtMost > 0 && f.Until.Bound == 0:
		return "--at-most goes with --until"
	case f.Jobs < 0:
		return fmt.Sprintf("--jobs %d drills nothing: give 1 or more, or 0 for as many as the host bears", f.Jobs)
	case f.AtFailure && len(f.Hosts) > 0:
		return "--at-failure stays with a cluster of one host, and with --hosts the others would go on: leave one of them out"
	case f.AtFailure && f.AsJSON:
		return "--at-failure shows a cluster where --json prints the report: leave one of them out"
	case f.AtFailure && cli.IsUnattended(c):
		return "--at-failure stays until somebody leaves, and here nobody can: stdin is neither a terminal nor a pipe, or this is a CI job. Leave it out"
	case f.EngineDir != "" && f.EngineImage != "":
		return fmt.Sprintf("--engine-dir %s would not be seen by the image %s: put it in there", f.EngineDir, f.EngineImage)
	case f.EngineDir != "" && f.Engine == "":
		return fmt.Sprintf("--engine-dir %s has no command: give it with --engine", f.EngineDir)
	case f.EngineDir == "" && f.EngineImage == "" && strings.HasPrefix(word, "."):
		return fmt.Sprintf("--engine %s is a file of a folder that the container does not have: name the folder with --engine-dir", word)
	}
	if f.EngineDir != "" {
		if info, err := os.Stat(f.EngineDir); err != nil || !info.IsDir() {
			return fmt.Sprintf("--engine-dir %s is no folder that can be read: name the folder that has the engine", f.EngineDir)
		}
	}
	if f.Seed == 0 {
		f.Seed = rand.Int64N(1 << 31)
	}
	return ""
}

// listEngineFlags returns the flags that name the engine under test.
func (f Flags) listEngineFlags() []string {
	var words []string
	for _, w := range []struct{ flag, value string }{
		{"--engine", f.Engine}, {"--engine-dir", f.EngineDir}, {"--engine-image", f.EngineImage},
	} {
		if w.value != "" {
			words = append(words, w.flag, cli.QuoteWord(w.value))
		}
	}
	return words
}
