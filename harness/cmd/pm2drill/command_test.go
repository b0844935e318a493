package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
)

// verbs returns all verbs that help lists.
func verbs() []*cobra.Command {
	return slices.DeleteFunc(newRoot().Commands(), func(c *cobra.Command) bool { return c.Hidden })
}

// TestEveryVerbIsDescribed: each has a group, examples and help that names all its flags.
func TestEveryVerbIsDescribed(t *testing.T) {
	_, root, _ := pm2drill(t, nil, "help")
	for _, cmd := range verbs() {
		if cmd.GroupID == "" && cmd.Name() != "completion" || !strings.Contains(root, "\n  "+cmd.Name()+" ") {
			t.Errorf("%s is in no group of the help", cmd.Name())
		}
		code, help, errs := pm2drill(t, nil, cmd.Name(), "--help")
		if code != 0 || errs != "" || !strings.HasPrefix(help, "usage: pm2drill "+cmd.Name()) {
			t.Errorf("%s --help: exit code %d, stderr %q, stdout %q", cmd.Name(), code, errs, help)
		}
		if cmd.Example == "" && cmd.Name() != "help" && cmd.Name() != "version" {
			t.Errorf("%s has no example", cmd.Name())
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" || !strings.Contains(help, "--"+f.Name+" ") {
				t.Errorf("%s --help does not describe --%s", cmd.Name(), f.Name)
			}
		})
	}
}

// TestHelpNamesValues: each value has a name in capitals, and a default of nothing is not told.
func TestHelpNamesValues(t *testing.T) {
	small := regexp.MustCompile(`(?m)^ +(?:-\w, )?--[a-z0-9-]+ [a-z0-9]+   .*$`)
	zero := regexp.MustCompile(`(?m)^.*\(default (?:0s?|""|\[\]|<nil>)\).*$`)
	long := regexp.MustCompile(`(?m)^.*\(default \w*[hm]0[ms]\w*\).*$`)
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		var help strings.Builder
		cli.WriteHelp(&help, cmd, 100)
		for _, found := range []*regexp.Regexp{small, zero, long} {
			for _, line := range found.FindAllString(help.String(), -1) {
				t.Errorf("%s --help: %s", cmd.CommandPath(), line)
			}
		}
		for _, sub := range cmd.Commands() {
			check(sub)
		}
	}
	check(newRoot())
}

// TestExamplesParse: no example names a verb or a flag that does not exist.
func TestExamplesParse(t *testing.T) {
	for _, cmd := range verbs() {
		for line := range strings.Lines(cmd.Example) {
			_, call, found := strings.Cut(line, "pm2drill ")
			if !found {
				t.Errorf("%s: the example %q does not call pm2drill", cmd.Name(), line)
				continue
			}
			call, _, _ = strings.Cut(call, " > ")
			words := strings.Fields(strings.TrimRight(call, ")\n"))
			root := newRoot()
			verb, left, err := root.Find(words)
			if err != nil || verb == root {
				t.Errorf("%s: the example %q calls no verb", cmd.Name(), line)
				continue
			}
			for _, word := range left {
				name, _, _ := strings.Cut(strings.TrimPrefix(word, "--"), "=")
				if strings.HasPrefix(word, "--") && verb.Flags().Lookup(name) == nil {
					t.Errorf("%s: the example %q has the flag %s, which %s does not", cmd.Name(), line, word, verb.Name())
				}
			}
		}
	}
}

// TestReadmeNamesVerbs: the list of commands in the README has every verb, and no verb or flag
// (these stand in brackets) that does not exist.
func TestReadmeNamesVerbs(t *testing.T) {
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		words, found := strings.CutPrefix(line, "    pm2drill ")
		if !found {
			continue
		}
		name, rest, _ := strings.Cut(words, " ")
		verb, _, err := newRoot().Find([]string{name})
		if err != nil || verb.Name() != name {
			t.Errorf("the README names `pm2drill %s`, which does not exist", name)
			continue
		}
		named[name] = true
		_, flags, _ := strings.Cut(rest, "(")
		for _, flag := range longFlag.FindAllString(flags, -1) {
			if verb.Flags().Lookup(flag[2:]) == nil {
				t.Errorf("the README names `pm2drill %s %s`, which does not exist", name, flag)
			}
		}
	}
	for _, verb := range verbs() {
		if !named[verb.Name()] && verb.Name() != "help" {
			t.Errorf("the README lacks `pm2drill %s`", verb.Name())
		}
	}
}

var longFlag = regexp.MustCompile(`--[a-z][a-z0-9-]+`)

// TestHelpHasNoSecrets: values of the environment are no part of help or of a manual.
func TestHelpHasNoSecrets(t *testing.T) {
	env := []string{"ENGINE_ALERT_URL=https://alerts.example/kj8s7d6f", "ENGINE_URL=http://127.0.0.1:1/kj8s7d6f", "ENGINE_APP=kj8s7d6f", "PM2_HOME=/kj8s7d6f", "NODE=kj8s7d6f"}
	for _, verb := range []string{"engine", "capture", "run", "validate"} {
		if verb == "validate" {
			env = env[:4] // its target has the version of NODE, which it names
		}
		if _, help, _ := pm2drill(t, env, verb, "--help"); strings.Contains(help, "kj8s7d6f") {
			t.Errorf("%s --help tells what the environment has: %s", verb, help)
		}
	}
}

func TestVersionFlag(t *testing.T) {
	_, want, _ := pm2drill(t, nil, "version")
	if code, got, _ := pm2drill(t, nil, "--version"); code != 0 || got != want {
		t.Errorf("exit code %d, %q, want %q", code, got, want)
	}
}

// TestCompletion: what a shell asks for while somebody types.
func TestCompletion(t *testing.T) {
	for _, c := range []struct {
		typed []string
		has   []string
		lacks []string
	}{
		{[]string{"va"}, []string{"validate\t"}, []string{"agent", "man\t"}},
		{[]string{"run", ""}, []string{"stalled-worker\tOne worker runs into an endless loop", "cause:port-conflict", "tier:core"}, nil},
		{[]string{"run", "port-taken", ""}, []string{"stalled-worker\t"}, []string{"port-taken\t"}},
		{[]string{"run", "--arms", "healthy,"}, []string{"healthy,engine"}, []string{"healthy,healthy"}},
		{[]string{"run", "--at"}, []string{"--at-failure"}, nil},
		{[]string{"reproduce", "port-taken", ""}, nil, []string{"stalled-worker"}},
		{[]string{"explain", ""}, []string{"K005\t"}, nil},
		{[]string{"validate", "--ignore", "E003,"}, []string{"E003,T002\t"}, []string{"E003,E003"}},
		{[]string{"validate", "--severity", ""}, []string{"info\n", "warning\n"}, nil},
		{[]string{"validate", "--acts", ""}, []string{"reload\n"}, nil},
		{[]string{"validate", "--target", ""}, []string{"systemd\n"}, nil},
		{[]string{"engine", "--inspector", ""}, []string{"private\n"}, nil},
		{[]string{"load", "--lane", ""}, []string{"keepalive\n"}, nil},
		{[]string{"gate", "--profile", ""}, []string{"core\n", "extended\n"}, nil},
		{[]string{"selftest", ""}, []string{"does-nothing\t"}, nil},
		{[]string{"teeth", ""}, []string{"does-nothing\t"}, nil},
		{[]string{"help", ""}, []string{"validate\t"}, []string{"agent"}},
	} {
		code, out, _ := pm2drill(t, nil, append([]string{"__complete"}, c.typed...)...)
		if code != 0 {
			t.Errorf("%q: exit code %d", c.typed, code)
		}
		for _, want := range c.has {
			if !strings.Contains("\n"+out, "\n"+want) {
				t.Errorf("%q: lacks %q: %s", c.typed, want, out)
			}
		}
		for _, no := range c.lacks {
			if strings.Contains("\n"+out, "\n"+no) {
				t.Errorf("%q: has %q: %s", c.typed, no, out)
			}
		}
	}
}

// TestCompletionScripts: each shell that this machine has reads its script.
func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		code, script, errs := pm2drill(t, nil, "completion", shell)
		if code != 0 || errs != "" || !strings.Contains(script, "pm2drill") {
			t.Errorf("%s: exit code %d, stderr %q", shell, code, errs)
		}
		binary, err := exec.LookPath(shell)
		if err != nil {
			continue
		}
		check := exec.Command(binary, "-n")
		check.Stdin = strings.NewReader(script)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s does not read its script: %v: %s", shell, err, out)
		}
	}
}

// TestManual: one page for each verb, the same whenever it is written for one date.
func TestManual(t *testing.T) {
	dir, env := filepath.Join(t.TempDir(), "man1"), []string{"SOURCE_DATE_EPOCH=1767312000"}
	if code, _, errs := pm2drill(t, env, "man", dir); code != 0 || errs != "" {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	for _, cmd := range verbs() {
		if cmd.Name() == "help" { // cobra's manual has none
			continue
		}
		page, err := os.ReadFile(filepath.Join(dir, "pm2drill-"+cmd.Name()+".1"))
		if err != nil {
			t.Error(err)
			continue
		}
		if cmd.Example != "" && !strings.Contains(string(page), ".SH EXAMPLE") {
			t.Errorf("the manual page of %s has no example", cmd.Name())
		}
	}
	page, err := os.ReadFile(filepath.Join(dir, "pm2drill.1"))
	for _, want := range []string{"pm2drill - drill PM2 clusters", ".SH EXIT STATUS", "64", "bad input", "130", "interrupted"} {
		if err != nil || !strings.Contains(string(page), want) {
			t.Errorf("the page of pm2drill lacks %q: %v", want, err)
		}
	}
	if exit, see := strings.Index(string(page), ".SH EXIT STATUS"), strings.Index(string(page), ".SH SEE ALSO"); exit > see {
		t.Errorf("the exit codes stand at %d, behind SEE ALSO at %d", exit, see)
	}
	if _, err := os.Stat(filepath.Join(dir, "pm2drill-agent.1")); err == nil {
		t.Error("there is a manual page of the harness's own agents")
	}
	again := filepath.Join(t.TempDir(), "man1")
	pm2drill(t, env, "man", again)
	for _, name := range []string{"pm2drill.1", "pm2drill-run.1"} {
		first, err1 := os.ReadFile(filepath.Join(dir, name))
		second, err2 := os.ReadFile(filepath.Join(again, name))
		if err1 != nil || err2 != nil || string(first) != string(second) {
			t.Errorf("%s differs from one time to the next: %v %v", name, err1, err2)
		}
	}
}
