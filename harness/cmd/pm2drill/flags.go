package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/evidence"
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

// common adds the flags that every command has that drills.
func (f *runFlags) common(fs *flag.FlagSet) {
	fs.IntVar(&f.jobs, "jobs", 0, "drill this many arms side by side; 0 takes two for each core of the Docker host. A drill that the host has spoiled is drilled once more; it is never kept")
	fs.Int64Var(&f.seed, "seed", 0, "seed of the injection's timing; 0 draws one and prints it")
	f.versions(fs)
	fs.StringVar(&f.out, "out", "", "report folder (default: reports/RUN)")
	fs.BoolVar(&f.asJSON, "json", false, "print report.json on stdout, and progress on stderr")
}

// versions adds the flags that choose the image.
func (f *runFlags) versions(fs *flag.FlagSet) {
	fs.StringVar(&f.node, "node", os.Getenv("NODE"), "Node version of the image (default "+cluster.DefaultNode+")")
	fs.StringVar(&f.pm2, "pm2", os.Getenv("PM2"), "PM2 version of the image (default "+cluster.DefaultPM2+")")
}

// test adds the flags that name the engine under test and how often it is drilled.
func (f *runFlags) test(fs *flag.FlagSet) {
	f.subject(fs)
	fs.IntVar(&f.repeat, "repeat", 1, "drill each arm this many times")
	fs.BoolVar(&f.dry, "dry-run", false, "check the scenarios and the flags, print every drill that would take place, and start nothing: it needs no Docker")
	fs.BoolVar(&f.stay, "at-failure", false, "stay with the cluster of the first drill that breaks a promise it should keep, with a live view of it, until you leave; the report and the exit code are what they would have been")
}

// vary adds the flag that draws apps.
func (f *runFlags) vary(fs *flag.FlagSet, what string) {
	fs.IntVar(&f.variants, "variants", 0, what)
}

// subject adds the flags that name the engine under test.
func (f *runFlags) subject(fs *flag.FlagSet) {
	fs.StringVar(&f.engine, "engine", "", "command of the engine to drill, a line of shell that is run inside the cluster's container (default: the reference engine)")
	fs.StringVar(&f.dir, "engine-dir", "", "folder of the engine: it is copied into the container, and the command runs in it")
	fs.StringVar(&f.image, "engine-image", "", "image of the engine: a container of it runs beside the cluster's, with the command of --engine or its own")
}

func parseRun(c call) (f runFlags, code int, done bool) {
	fs := flag.NewFlagSet("run", flag.ContinueOnError)
	f.command = "run"
	arms := fs.String("arms", "", "only these arms, separated by commas: "+strings.Join(evidence.Arms(), ", "))
	f.common(fs)
	f.test(fs)
	f.vary(fs, "draw so many apps that differ from the catalogue's (scenarios/README.md says in what), the seed deciding, and drill these instead: each beside its twin with no engine")
	fs.BoolVar(&f.trace, "trace", false, "keep what the reference engine saw, look by look, in the report folder's traces/")
	if f.names, code, done = parse(fs, c, runSynopsis); done {
		return f, code, done
	}
	every := evidence.Arms()
	f.arms = every
	if *arms != "" {
		f.arms = strings.Split(*arms, ",")
	}
	for _, arm := range f.arms {
		if !slices.Contains(every, arm) {
			return f, complain(c, "run", "there is no arm %q: use --arms with some of %s", arm, strings.Join(every, ",")), true
		}
	}
	if f.trace && f.engine != "" {
		return f, complain(c, "run", "--trace is of the reference engine: leave it out with --engine"), true
	}
	if wrong := f.wrong(c); wrong != "" {
		return f, complain(c, "run", "%s", wrong), true
	}
	return f, exitKept, false
}

// wrong says what of the flags cannot be used, "" if they can, and draws a seed.
func (f *runFlags) wrong(c call) string {
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
	case f.stay && unattended(c):
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

// complain says in one line what cannot be used, and returns the exit code for it.
func complain(c call, name, format string, args ...any) int {
	fmt.Fprintf(c.stderr, "pm2drill "+name+": "+format+"\n", args...)
	return exitUsage
}

// engineWords are the flags that name the engine under test.
func (f runFlags) engineWords() []string {
	var words []string
	for _, w := range []struct{ flag, value string }{
		{"--engine", f.engine}, {"--engine-dir", f.dir}, {"--engine-image", f.image},
	} {
		if w.value != "" {
			words = append(words, w.flag, quoted(w.value))
		}
	}
	return words
}

// quoted is a word as a shell reads it.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@-]+$`)
