package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
)

// runFlags is what a run was asked for.
type runFlags struct {
	command  string   // of pm2drill: run, gate or teeth
	names    []string // scenarios and labels
	arms     []string
	repeat   int
	variants int // apps to draw, 0 for those of the catalogue
	jobs     int // drills side by side
	seed     int64
	node     string
	pm2      string
	out      string
	engine   string
	dir      string // folder of the engine
	image    string // that the engine comes in
	trace    bool
	asJSON   bool
	stay     bool // with the first cluster that breaks a promise
	dry      bool // say what would be drilled, and drill nothing
}

// Sections of the help of the verbs that drill.
const (
	sectionHow    = "How it is drilled"
	sectionReport = "Report"
)

// drilling adds the flags that every verb has that drills.
func (f *runFlags) drilling(cmd *cobra.Command) {
	cli.Section(cmd, sectionHow, func(fs *pflag.FlagSet) {
		fs.IntVar(&f.jobs, "jobs", 0, "drill `N` arms side by side; 0 means two for each core of the Docker host. A drill that the load of the host has spoiled is repeated once, and never counts as kept")
		fs.Int64Var(&f.seed, "seed", 0, "seed `N` of the injection's timing; 0 draws one and prints it")
		f.versions(fs)
	})
	cli.Section(cmd, sectionReport, func(fs *pflag.FlagSet) {
		fs.StringVar(&f.out, "out", "", "write the report to this `FOLDER` (default reports/RUN)")
		fs.BoolVar(&f.asJSON, "json", false, "print report.json on stdout, and progress on stderr")
	})
	cli.Completions{"out": cli.CompleteFolders}.Register(cmd)
	if cmd.Flags().Lookup("engine-dir") != nil {
		cli.Completions{"engine-dir": cli.CompleteFolders}.Register(cmd)
	}
}

// versions adds the flags that choose the image.
func (f *runFlags) versions(fs *pflag.FlagSet) {
	fs.StringVar(&f.node, "node", os.Getenv("NODE"), "`VERSION` of Node in the image (default "+cluster.DefaultNode+", or the variable NODE)")
	fs.StringVar(&f.pm2, "pm2", os.Getenv("PM2"), "`VERSION` of PM2 in the image (default "+cluster.DefaultPM2+", or the variable PM2)")
	cli.HideDefaults(fs, "node", "pm2")
}

// test adds the flags that say how often the engine under test is drilled, or whether it is.
func (f *runFlags) test(fs *pflag.FlagSet) {
	fs.IntVar(&f.repeat, "repeat", 1, "drill each arm `N` times")
	fs.BoolVar(&f.dry, "dry-run", false, "check the scenarios and the flags, print every drill that would run, and start nothing; needs no Docker")
	fs.BoolVar(&f.stay, "at-failure", false, "keep the cluster of the first drill that breaks a promise, with a live view of it, until you leave; report and exit code stay the same")
}

// vary adds the flag that draws apps.
func (f *runFlags) vary(fs *pflag.FlagSet, what string) {
	fs.IntVar(&f.variants, "variants", 0, what)
}

// subject adds the flags that name the engine under test.
func (f *runFlags) subject(fs *pflag.FlagSet) {
	fs.StringVar(&f.engine, "engine", "", "`COMMAND` of the engine, a line of shell that runs inside the cluster's container (default: the reference engine)")
	fs.StringVar(&f.dir, "engine-dir", "", "`FOLDER` of the engine; it is copied into the container, and the command runs in it")
	fs.StringVar(&f.image, "engine-image", "", "`IMAGE` of the engine; a container of it runs beside the cluster's, with the command of --engine or its own")
}

// wrong says what of the flags cannot be used, "" if they can, and draws a seed.
func (f *runFlags) wrong(c cli.Call) string {
	word, _, _ := strings.Cut(f.engine, " ")
	switch {
	case f.repeat < 1:
		return fmt.Sprintf("--repeat %d drills nothing: give 1 or more", f.repeat)
	case f.variants < 0:
		return fmt.Sprintf("--variants %d draws nothing: give 1 or more, or leave it out", f.variants)
	case f.variants > 0 && f.repeat > 1:
		return "--repeat drills the same app again, and --variants another one each time: leave one of them out"
	case f.jobs < 0:
		return fmt.Sprintf("--jobs %d drills nothing: give 1 or more, or 0 for as many as the host bears", f.jobs)
	case f.stay && f.asJSON:
		return "--at-failure shows a cluster where --json prints the report: leave one of them out"
	case f.stay && cli.IsUnattended(c):
		return "--at-failure stays until somebody leaves, and here nobody can: stdin is neither a terminal nor a pipe, or this is a CI job. Leave it out"
	case f.dir != "" && f.image != "":
		return fmt.Sprintf("--engine-dir %s would not be seen by the image %s: put it in there", f.dir, f.image)
	case f.dir != "" && f.engine == "":
		return fmt.Sprintf("--engine-dir %s has no command: give it with --engine", f.dir)
	case f.dir == "" && f.image == "" && strings.HasPrefix(word, "."):
		return fmt.Sprintf("--engine %s is a file of a folder that the container does not have: name the folder with --engine-dir", word)
	}
	if f.dir != "" {
		if info, err := os.Stat(f.dir); err != nil || !info.IsDir() {
			return fmt.Sprintf("--engine-dir %s is no folder that can be read: name the folder that has the engine", f.dir)
		}
	}
	if f.seed == 0 {
		f.seed = rand.Int64N(1 << 31)
	}
	return ""
}

// engineWords are the flags that name the engine under test.
func (f runFlags) engineWords() []string {
	var words []string
	for _, w := range []struct{ flag, value string }{
		{"--engine", f.engine}, {"--engine-dir", f.dir}, {"--engine-image", f.image},
	} {
		if w.value != "" {
			words = append(words, w.flag, cli.QuoteWord(w.value))
		}
	}
	return words
}
