package session

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/scenarios"
)

// DrawVariants draws as many variants of the scenarios as the flags ask for, each with a seed of
// its own, which follows the run's. All scenarios of which something may vary come up
// equally often, in an order that the seed decides.
func (s *Session) DrawVariants(todo []scenarios.Scenario) ([]Job, error) {
	todo = slices.DeleteFunc(slices.Clone(todo), func(sc scenarios.Scenario) bool { return len(sc.Varies) == 0 })
	if len(todo) == 0 {
		return nil, fmt.Errorf("--variants: nothing may vary in %s: scenarios/README.md says what may in which", strings.Join(s.Flags.Names, ", "))
	}
	random := rand.New(rand.NewPCG(uint64(s.Flags.Seed), uint64(s.Flags.Variants)))
	var jobs []Job
	for n := range s.Flags.Variants {
		if n%len(todo) == 0 {
			random.Shuffle(len(todo), func(i, j int) { todo[i], todo[j] = todo[j], todo[i] })
		}
		seed := s.Flags.Seed + int64(n)
		sc, err := todo[n%len(todo)].Vary(seed)
		if err != nil {
			return nil, err
		}
		for _, arm := range sc.Arms() {
			if slices.Contains(s.Flags.Arms, arm) {
				jobs = append(jobs, Job{Scenario: sc, Arm: arm, Seed: seed, Engine: s.NewEngine(), Title: fmt.Sprintf("%s %s, variant %d", sc.Name, arm, seed)})
			}
		}
	}
	return jobs, nil
}
