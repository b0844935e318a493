package shard

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"time"
)

//go:embed durations.txt
var recorded string

// Drill names one arm of a scenario.
type Drill struct{ Scenario, Arm string }

// Durations are how long drills have taken, as they were recorded.
func Durations() (map[Drill]time.Duration, error) { return parseDurations(recorded) }

// parseDurations reads lines of scenario, arm and seconds; those that begin with # are for people.
func parseDurations(text string) (map[Drill]time.Duration, error) {
	all := map[Drill]time.Duration{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if len(f) != 3 {
			return nil, fmt.Errorf("cannot read the recorded durations: %q is not scenario, arm and seconds", strings.TrimSpace(line))
		}
		seconds, err := strconv.ParseFloat(f[2], 64)
		if err != nil || !(seconds > 0) || seconds > 24*time.Hour.Seconds() {
			return nil, fmt.Errorf("cannot read the recorded durations: %q is no duration in seconds", f[2])
		}
		all[Drill{f[0], f[1]}] = time.Duration(seconds * float64(time.Second))
	}
	return all, nil
}
