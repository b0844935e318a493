package session

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

// Command returns the command that does this run again.
func (s *Session) Command() string {
	words := []string{quoteProgram(), s.Flags.Command, "--seed", strconv.FormatInt(s.Flags.Seed, 10), "--node", s.Flags.Node, "--pm2", s.Flags.PM2}
	if s.Flags.Variants > 0 {
		words = append(words, "--variants", strconv.Itoa(s.Flags.Variants))
	}
	if s.Flags.Repeat > 1 {
		words = append(words, "--repeat", strconv.Itoa(s.Flags.Repeat))
	}
	if s.Flags.Shard.Of > 0 {
		words = append(words, "--shard", s.Flags.Shard.String())
	}
	if len(s.Flags.Hosts) > 0 {
		words = append(words, "--hosts", cli.QuoteWord(joinHosts(s.Flags.Hosts)))
	} else {
		words = append(words, "--jobs", strconv.Itoa(s.Flags.Jobs))
	}
	words = append(append(words, s.Flags.listEngineFlags()...), s.Extra...)
	if n := len(s.Flags.Arms); n > 0 && n < len(evidence.Arms()) {
		words = append(words, "--arms", strings.Join(s.Flags.Arms, ","))
	}
	for _, name := range s.Flags.Names {
		words = append(words, cli.QuoteWord(name))
	}
	return strings.Join(words, " ")
}

// quoteProgram returns pm2drill as it was called, for a shell.
func quoteProgram() string { return cli.QuoteWord(os.Args[0]) }

// formatArmCommand returns the command that drills one arm again.
func (s *Session) formatArmCommand(scenario, arm string, seed int64) string {
	return s.formatAgain(fmt.Sprintf("--arms %s --seed %d", arm, seed), cli.QuoteWord(cmp.Or(s.Own[scenario], scenario)))
}

// formatAgain returns the command that drills one scenario again.
func (s *Session) formatAgain(what, scenario string) string {
	words := fmt.Sprintf("%s run %s --node %s --pm2 %s", quoteProgram(), what, s.Flags.Node, s.Flags.PM2)
	return strings.Join(append([]string{words}, append(s.Flags.listEngineFlags(), scenario)...), " ")
}

// formatJobCommand returns the command that does the job again; for the variant of an
// engine, with the control arm beside which it is judged.
func (s *Session) formatJobCommand(j Job) string {
	if j.Scenario.Choices == nil {
		return s.Bench.Command(j.Scenario.Name, j.Arm, j.Seed)
	}
	arms := j.Arm
	if j.Arm == evidence.ArmEngine && slices.Contains(j.Scenario.Arms(), evidence.ArmControl) {
		arms = evidence.ArmControl + "," + evidence.ArmEngine
	}
	return s.formatAgain(fmt.Sprintf("--variants 1 --arms %s --seed %d", arms, j.Seed), j.Scenario.Name)
}
