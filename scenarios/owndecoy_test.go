package scenarios

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/fault"
)

// everything is a file that says whatever can be said.
const everything = `
story: A release that dies is rolled out.
app: {name: shop, workers: 4, port: 3000, health: /up, limits: {memory: 512M, cores: 1.5, open_files: 256}}
load:
  path: /buy
  method: POST
  headers: {Content-Type: application/json}
  body: '{}'
  status: 201
  checks:
    - {name: catalogue, path: /catalogue}
    - {name: gone, path: /old, status: 410, rate: 10}
fault: {run: touch bad, ask: roll, rollback: rm bad, bitten: {exits: 1}}
breaks: keeps-serving
promises: {keeps-serving: 3, replaces: 20s, stops-churning: 15s, acts-at-most: 0}
decoy:
  story: It is scaled.
  fault: {ask: scale, workers: 3, left: 3}
  promises: {diagnoses-nothing: true, acts-at-most: 1}
`

// TestOwnWithEverything: each part of the file arrives where it is used.
func TestOwnWithEverything(t *testing.T) {
	s, err := OwnAs("shop", everything)
	if err != nil {
		t.Fatal(err)
	}
	if want := (cluster.Limits{Memory: 512 << 20, Cores: 1.5, OpenFiles: 256}); s.App.Limits != want || s.App.Health != "/up" {
		t.Errorf("its app is %+v", s.App)
	}
	var lanes []string
	for _, l := range s.Load {
		lanes = append(lanes, strings.TrimSpace(l.Name+" "+l.Method+" "+l.Path))
	}
	if want := []string{"short POST /buy", "keepalive POST /buy", "catalogue  /catalogue", "gone  /old"}; !slices.Equal(lanes, want) {
		t.Errorf("its load is %v, want %v", lanes, want)
	}
	if l := s.Load[3]; l.Status != 410 || l.Rate != 10 || s.Load[2].Rate != 5 || s.Load[0].Body != "{}" {
		t.Errorf("its lanes are %+v", s.Load)
	}
	if want := []string{evidence.ArmHealthy, evidence.ArmControl, evidence.ArmEngine, evidence.ArmDecoy}; !slices.Equal(s.Arms(), want) {
		t.Errorf("its arms are %v", s.Arms())
	}
	f, _ := s.Fault.(fault.Command)
	if f.Kind() != evidence.KindRequest || f.Asks() != "roll" || f.Run != "touch bad" || len(f.Ask.Rollback) != 3 || !s.Replace || s.Linger < 20*time.Second {
		t.Errorf("its fault is %+v, replace %v, linger %s", f, s.Replace, s.Linger)
	}
	d, promises, _ := s.Arm(evidence.ArmDecoy, drill.Engine{Name: "e", Command: []string{"e"}})
	if f, _ = d.Fault.(fault.Command); f.Ask.Workers != 3 || d.Left != 3 || d.App.Own.File != "ecosystem.config.js" || !promised(promises, "acts-at-most") {
		t.Errorf("its decoy is %+v and promises %v", d, promises)
	}
}

// TestOwnActsAtMostZero: an engine that acts breaks a promise of no action.
func TestOwnActsAtMostZero(t *testing.T) {
	s, err := OwnAs("shop", everything)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Promises {
		if p.Name == "acts-at-most" && strings.Contains(p.Sentence, "at most 0 actions") {
			return
		}
	}
	t.Errorf("its promises are %+v", s.Promises)
}
