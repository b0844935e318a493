package session

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/scenarios"
)

func drawing(variants int, seed int64, names ...string) *Session {
	s := &Session{Flags: Flags{Command: "run", Names: names, Arms: evidence.Arms(), Variants: variants, Seed: seed, Node: "26", PM2: "7"}}
	s.Bench = drill.Bench{Command: s.formatArmCommand}
	return s
}

// TestVariants: as many as asked for, of every scenario equally often, each with its arms and
// a seed of its own.
func TestVariants(t *testing.T) {
	varying := slices.DeleteFunc(scenarios.Catalogue(), func(s scenarios.Scenario) bool { return len(s.Varies) == 0 })
	jobs, err := drawing(2*len(varying), 7).DrawVariants(scenarios.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	seeds, often := map[int64]string{}, map[string]int{}
	for _, j := range jobs {
		if was, known := seeds[j.Seed]; known && was != j.Scenario.Name {
			t.Errorf("seed %d is of %s and of %s", j.Seed, was, j.Scenario.Name)
		} else if !known {
			often[j.Scenario.Name]++
		}
		seeds[j.Seed] = j.Scenario.Name
	}
	for _, s := range varying {
		if often[s.Name] != 2 {
			t.Errorf("%s was drawn %d times, and twice is its share", s.Name, often[s.Name])
		}
	}
	if again, _ := drawing(2*len(varying), 7).DrawVariants(scenarios.Catalogue()); len(again) != len(jobs) || again[3].Title != jobs[3].Title {
		t.Error("the same seed draws others")
	}
	if _, err := drawing(1, 7, "claim-wait-ready").DrawVariants([]scenarios.Scenario{scenarios.ClaimWaitReady()}); err == nil || !strings.Contains(err.Error(), "claim-wait-ready") {
		t.Errorf("nothing may vary there: %v", err)
	}
}

var seedAndName = regexp.MustCompile(`run --variants 1 --arms (\S+) --seed (\d+) .* (\S+)$`)

// TestVariantsAreDrawnAgain: the command that a drill prints draws the same app for it, and
// its twin with it.
func TestVariantsAreDrawnAgain(t *testing.T) {
	s := drawing(40, 99)
	jobs, err := s.DrawVariants(scenarios.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		m := seedAndName.FindStringSubmatch(s.formatJobCommand(j))
		if m == nil {
			t.Fatalf("command %q", s.formatJobCommand(j))
		}
		seed, err := strconv.ParseInt(m[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		found, _ := scenarios.Find([]string{m[3]})
		repeat := drawing(1, seed, m[3])
		repeat.Flags.Arms = strings.Split(m[1], ",")
		again, err := repeat.DrawVariants(found)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(again, func(a Job) bool { return a.Arm == j.Arm })
		if i < 0 || !slices.Equal(again[i].Scenario.Choices, j.Scenario.Choices) || again[i].Seed != j.Seed {
			t.Errorf("%s is not drawn again by %q", j.Title, s.formatJobCommand(j))
		}
		twin := j.Arm == evidence.ArmEngine && slices.Contains(j.Scenario.Arms(), evidence.ArmControl)
		if twin != slices.ContainsFunc(again, func(a Job) bool { return a.Arm == evidence.ArmControl && j.Arm != evidence.ArmControl }) {
			t.Errorf("%q has the arms %s", j.Title, m[1])
		}
	}
	fixed := Job{Scenario: scenarios.StalledWorker(), Arm: evidence.ArmEngine, Seed: 5}
	if words := s.formatJobCommand(fixed); strings.Contains(words, "--variants") || !strings.Contains(s.Command(), "--variants 40") {
		t.Errorf("the catalogue's drill is done again by %q, the run by %q", words, s.Command())
	}
}
