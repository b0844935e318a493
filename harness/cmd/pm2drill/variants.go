package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/scenarios"
)

// variants draws as many variants of the scenarios as the flags ask for, each with a seed of
// its own, which follows the run's. All scenarios of which something may vary come up
// equally often, in an order that the seed decides.
func (s *session) variants(todo []scenarios.Scenario) ([]job, error) {
	todo = slices.DeleteFunc(slices.Clone(todo), func(sc scenarios.Scenario) bool { return len(sc.Varies) == 0 })
	if len(todo) == 0 {
		return nil, fmt.Errorf("--variants: nothing may vary in %s: scenarios/README.md says what may in which", strings.Join(s.flags.names, ", "))
	}
	random := rand.New(rand.NewPCG(uint64(s.flags.seed), uint64(s.flags.variants)))
	var jobs []job
	for n := range s.flags.variants {
		if n%len(todo) == 0 {
			random.Shuffle(len(todo), func(i, j int) { todo[i], todo[j] = todo[j], todo[i] })
		}
		seed := s.flags.seed + int64(n)
		sc, err := todo[n%len(todo)].Vary(seed)
		if err != nil {
			return nil, err
		}
		for _, arm := range sc.Arms() {
			if slices.Contains(s.flags.arms, arm) {
				jobs = append(jobs, job{scenario: sc, arm: arm, seed: seed, engine: s.engine(), title: fmt.Sprintf("%s %s, variant %d", sc.Name, arm, seed)})
			}
		}
	}
	return jobs, nil
}
