package scenarios_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/pm2drill/pm2drill/fixtures"
	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/drill"
	. "github.com/pm2drill/pm2drill/harness/matchers"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/scenarios"
)

func TestScenarios(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Incidents of PM2 clusters")
}

var (
	bench drill.Bench
	whole report.Report
	plan  report.Report // what has begun, for whoever finds the folder of a suite that was killed
)

// reportFolder is where the suite's report goes.
func reportFolder() string { return filepath.Join("..", "reports", whole.Run.ID) }

var _ = BeforeSuite(func(ctx SpecContext) {
	started := time.Now()
	id := fmt.Sprintf("suite-%s-%d", started.UTC().Format("20060102-150405"), GinkgoParallelProcess())
	seed := GinkgoRandomSeed()
	docker, err := cluster.Connect(ctx)
	Expect(err).NotTo(HaveOccurred())
	intent, err := cluster.Intend(ctx, id, docker)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(intent.Close)
	images, err := docker.Images(ctx, os.Getenv("NODE"), os.Getenv("PM2"))
	Expect(err).NotTo(HaveOccurred())
	apps, err := fixtures.Load()
	Expect(err).NotTo(HaveOccurred())
	bench = drill.Bench{
		Run: id, Seed: seed, Secret: rand.Uint64(), Docker: docker, Images: images, Apps: apps, Binary: intent.Binaries[0], Boot: &sync.Mutex{},
		Command: func(scenario, arm string, seed int64) string {
			return fmt.Sprintf("bin/pm2drill run --arms %s --seed %d %s", arm, seed, scenario)
		},
	}
	whole.Run = report.Run{ID: id, Started: started, Seed: seed, Command: fmt.Sprintf("make test SEED=%d", seed)}
})

var _ = AfterSuite(func() {
	if len(whole.Drills) == 0 {
		Expect(folder.Forget(reportFolder())).To(Succeed())
		return
	}
	whole.Run.Duration = time.Since(whole.Run.Started)
	Expect(folder.Write(reportFolder(), report.DigestOf(whole))).To(Succeed())
	AddReportEntry("report", reportFolder(), ReportEntryVisibilityAlways)
})

// One container per arm: it drills once, and each promise is a spec of its own.
var _ = Describe("Incident", func() {
	for _, s := range scenarios.Catalogue() {
		for _, arm := range s.Arms() {
			Context(s.Name+", "+arm+" arm", Ordered, ContinueOnFailure, Label(append(s.Labels, "arm:"+arm)...), func() {
				specifyArm(s, arm)
			})
		}
	}
})

func specifyArm(s scenarios.Scenario, arm string) {
	var rulings map[string]promise.Ruling
	BeforeAll(func(ctx SpecContext) {
		rulings = drillOnce(ctx, s, arm)
	}, NodeTimeout(8*time.Minute))
	_, promises, breaks := s.Arm(arm, reference())
	for _, p := range promises {
		text := p.Sentence
		switch {
		case len(breaks) > 0 && s.Claim != nil:
			text = "the document's claim is false, so this breaks: " + p.Sentence
		case len(breaks) > 0:
			text = "nobody heals it, so this breaks: " + p.Sentence
		}
		It(text, func() {
			Expect(rulings[p.Name]).To(Show())
		})
	}
}

func reference() drill.Engine {
	return drill.Engine{Name: "pm2drill engine", Command: []string{"pm2drill", "engine"}}
}

func drillOnce(ctx context.Context, s scenarios.Scenario, arm string) map[string]promise.Ruling {
	here := bench
	phase := ""
	here.Watch = func(name string, p drill.Pulse) {
		if name != phase {
			phase = name
			GinkgoWriter.Printf("%6.1f s  %s: %d of %d workers serve, %d requests, %d dropped\n",
				p.Elapsed.Seconds(), name, p.Serving, p.Workers, p.Owed, p.Dropped)
		}
	}
	here.Keep = kept(s, arm)
	d, err := s.Try(ctx, arm, reference(), here)
	if why := d.Spoiled(); err == nil && why != "" {
		AddReportEntry("drilled again", why, ReportEntryVisibilityAlways)
		whole.Voids = append(whole.Voids, d)
		d, err = s.Try(ctx, arm, reference(), here)
	}
	if d.Record != nil {
		whole.Drills = append(whole.Drills, d)
	}
	Expect(err).NotTo(HaveOccurred())
	rulings := map[string]promise.Ruling{}
	for _, r := range d.Rulings {
		rulings[r.Name] = r
		GinkgoWriter.Printf("%s: %s: %s\n", r.Verdict, r.Promise, r.Because)
	}
	return rulings
}

// kept opens the file in which the evidence of the drill that begins now is kept.
func kept(s scenarios.Scenario, arm string) func() (io.WriteCloser, error) {
	plan.Run = whole.Run
	plan.Drills = append(plan.Drills, s.Planned(arm))
	Expect(folder.Begin(reportFolder(), plan)).To(Succeed())
	return func() (io.WriteCloser, error) { return folder.Grow(reportFolder(), plan, len(plan.Drills)-1) }
}
