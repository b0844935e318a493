package scenarios_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/engine/saboteurs"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/scenarios"
)

// A few engines that are wrong, and a part of the harness that fails: each must be
// caught. `make teeth` drills them all.
var _ = Describe("Teeth", Label("tier:core", "teeth"), func() {
	for _, t := range scenarios.QuickTeeth(reference()) {
		It("catches "+t.Name+": "+t.Story, func(ctx SpecContext) {
			here := bench
			here.Watch = func(string, drill.Pulse) {}
			d, err := t.Try(ctx, here)
			Expect(err).NotTo(HaveOccurred())
			why, caught := t.Caught(d)
			AddReportEntry(t.Name, why)
			Expect(caught).To(BeTrue(), why)
		}, NodeTimeout(5*time.Minute))
	}
})

// TestTeeth holds the table to the scenarios and the scripts.
func TestTeeth(t *testing.T) {
	drilled := map[string]bool{}
	for _, tooth := range scenarios.Teeth(reference()) {
		drilled[tooth.Name] = true
		_, promises, _ := tooth.Scenario.Arm(tooth.Arm, tooth.Engine)
		for _, name := range tooth.Breaks {
			if !slices.ContainsFunc(promises, func(p promise.Promise) bool { return p.Name == name }) {
				t.Errorf("%s is to break %s, which %s %s does not promise", tooth.Name, name, tooth.Scenario.Name, tooth.Arm)
			}
		}
	}
	files, err := fs.Glob(saboteurs.Files(), "*.sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(file, ".sh"); name != "trouble" && name != "folder" && name != "page" && !drilled[name] {
			t.Errorf("nobody drills the saboteur %s", name)
		}
	}
	if len(scenarios.QuickTeeth(reference())) != 4 {
		t.Error("the suites' four are not there")
	}
}
