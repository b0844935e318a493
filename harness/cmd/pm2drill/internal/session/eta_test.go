package session

import (
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/scenarios"
)

// TestPace: the estimate starts at the plan, and follows what drills really take.
func TestPace(t *testing.T) {
	var jobs []Job
	for range 40 {
		jobs = append(jobs, Job{Scenario: scenarios.StoppedWorker(), Arm: "decoy"})
	}
	one := computePlanned(jobs[0], 4)
	began := time.Unix(0, 0)
	p := newETA(jobs, 4, began)
	if got, want := p.estimate(began), 10*one; got != want {
		t.Errorf("at first %s, want the plan %s", got, want)
	}
	for i := range 20 { // each takes twice its plan
		p.begin(jobs[i])
		p.end(jobs[i])
	}
	if got, want := p.estimate(began.Add(10*one)), 10*one; got != want {
		t.Errorf("at half, at half the pace: %s, want %s", got, want)
	}
	for i := 20; i < 40; i++ {
		p.begin(jobs[i])
		p.end(jobs[i])
	}
	if got := p.estimate(began.Add(20 * one)); got != 0 {
		t.Errorf("at the end %s", got)
	}
}
