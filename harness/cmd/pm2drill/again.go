package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/evidence"
)

// command is the command that does this run again.
func (s *session) command() string {
	words := []string{called(), s.flags.command, "--seed", strconv.FormatInt(s.flags.seed, 10), "--node", s.flags.node, "--pm2", s.flags.pm2}
	if s.flags.variants > 0 {
		words = append(words, "--variants", strconv.Itoa(s.flags.variants))
	}
	if s.flags.repeat > 1 {
		words = append(words, "--repeat", strconv.Itoa(s.flags.repeat))
	}
	words = append(words, "--jobs", strconv.Itoa(s.flags.jobs))
	words = append(append(words, s.flags.engineWords()...), s.extra...)
	if n := len(s.flags.arms); n > 0 && n < len(evidence.Arms()) {
		words = append(words, "--arms", strings.Join(s.flags.arms, ","))
	}
	for _, name := range s.flags.names {
		words = append(words, cli.QuoteWord(name))
	}
	return strings.Join(words, " ")
}

// called is pm2drill as it was called, for a shell.
func called() string { return cli.QuoteWord(os.Args[0]) }

// reproduce is the command that drills one arm again.
func (s *session) reproduce(scenario, arm string, seed int64) string {
	return s.runAgain(fmt.Sprintf("--arms %s --seed %d", arm, seed), cli.QuoteWord(cmp.Or(s.own[scenario], scenario)))
}

// runAgain is the command that drills one scenario again.
func (s *session) runAgain(what, scenario string) string {
	words := fmt.Sprintf("%s run %s --node %s --pm2 %s", called(), what, s.flags.node, s.flags.pm2)
	return strings.Join(append([]string{words}, append(s.flags.engineWords(), scenario)...), " ")
}

// commandOf is the command that does the job again; an engine's variant with its twin, beside
// which it is judged.
func (s *session) commandOf(j job) string {
	if j.scenario.Choices == nil {
		return s.bench.Command(j.scenario.Name, j.arm, j.seed)
	}
	arms := j.arm
	if j.arm == evidence.ArmEngine && slices.Contains(j.scenario.Arms(), evidence.ArmControl) {
		arms = evidence.ArmControl + "," + evidence.ArmEngine
	}
	return s.runAgain(fmt.Sprintf("--variants 1 --arms %s --seed %d", arms, j.seed), j.scenario.Name)
}
