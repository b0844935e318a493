package scenarios

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

var update = flag.Bool("update", false, "write README.md")

// TestTable holds README.md to the literals.
func TestTable(t *testing.T) {
	want := table()
	if *update {
		if err := os.WriteFile("README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("README.md")
	if err != nil || string(got) != want {
		t.Errorf("README.md is stale (%v): go test ./scenarios -run Table -update writes it", err)
	}
}

// table is the catalogue for readers: one row for each scenario, then the stories.
func table() string {
	var b strings.Builder
	b.WriteString(`# The catalogue

Written by ` + "`go test ./scenarios -run Table -update`" + ` from the literals beside it; a test fails when it is stale.
Every scenario has a healthy arm, in which nothing happens and nothing may be done, and a control arm, in which
nobody heals and the promise named here must break; but for those in which nothing is wrong.
In every arm with an engine the app's files, PM2's logs and the port stay what they were (keeps-files, keeps-port), no debugger is left open (shuts-debuggers),
no cause is named before the harm can be seen (sees-first), and the engine itself uses little of the host (keeps-budget).
In a run that has both, the engine arm of a fault leaves the service no worse off than its control arm (no-worse-than-pm2).

| incident | cause | tier | fixture | with nobody to heal, breaks | decoy |
|---|---|---|---|---|---|
`)
	for _, s := range Catalogue() {
		if s.Claim != nil {
			continue
		}
		decoy := "-"
		if s.Decoy != nil {
			decoy = fixture(s.Decoy.App.Fixture)
		}
		app, breaks := fixture(s.App.Fixture), s.Breaks
		if s.Fault == nil {
			app, breaks = "-", "-"
		}
		fmt.Fprintf(&b, "| [%[1]s](#%[1]s) | %s | %s | %s | %s | %s |\n",
			s.Name, value(s.Labels, "cause:"), value(s.Labels, "tier:"), app, breaks, decoy)
	}
	variants(&b)
	claims(&b)
	for _, s := range Catalogue() {
		if s.Claim != nil {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", s.Name, s.Story)
		if s.Fault != nil {
			b.WriteString("\nPromised of the engine's arm:\n\n")
			list(&b, s.Promises)
		}
		if s.Decoy != nil {
			fmt.Fprintf(&b, "\nDecoy: %s\n", s.Decoy.Story)
		}
		varies(&b, s.Varies)
	}
	claimStories(&b)
	return b.String()
}

// varies names what may vary, with how many values each has.
func varies(b *strings.Builder, space variant.Space) {
	var names []string
	for _, d := range space {
		names = append(names, fmt.Sprintf("%s (%d)", d.Name, len(d.Values)))
	}
	if len(names) > 0 {
		fmt.Fprintf(b, "\nVaries, with so many values: %s.\n", strings.Join(names, ", "))
	}
}

// variants is a row for each thing that may vary, then the rules.
func variants(b *strings.Builder) {
	b.WriteString(`
## What may vary

` + "`run --variants N` and `gate --variants N`" + ` draw apps that differ from those of the catalogue. A seed draws one value of each
dimension that a scenario names; the incident stays the same. An engine is then held to no-worse-than-pm2 beside a twin of the
same seed with no engine, and to what the scenario promises, with more time where there are more workers.

| dimension | values |
|---|---|
`)
	seen := map[string]bool{}
	for _, s := range Catalogue() {
		for _, d := range s.Varies {
			var values []string
			for _, v := range d.Values {
				values = append(values, v.Name)
			}
			if !seen[d.Name] {
				fmt.Fprintf(b, "| %s | %s |\n", d.Name, strings.Join(values, "; "))
			}
			seen[d.Name] = true
		}
	}
	b.WriteString("\nWhat is never drawn:\n\n")
	for _, r := range variant.Rules() {
		fmt.Fprintf(b, "* %s.\n", r.Says)
	}
}

// claims is a row for each claim of the source document.
func claims(b *strings.Builder) {
	b.WriteString(`
## What the source document claims

The source document is a public guide to faults of PM2 clusters, with which this project began. Its claims stand here in
words of our own. A claim has two arms, both without any engine: in one the document's advice is followed, in the other
what holds is shown, instead of a false claim or besides a true one. Every promise of that arm must be kept.

| drill | claim | expected on PM2 | shown by | what holds | fixtures |
|---|---|---|---|---|---|
`)
	for _, s := range Catalogue() {
		if s.Claim == nil {
			continue
		}
		verdict, by := "holds", s.Promises[0].Name+" is kept"
		if !s.Holds() {
			verdict, by = "does not hold", s.Breaks+" breaks"
		}
		apps := fixture(s.App.Fixture)
		if s.Claim.App.Fixture != s.App.Fixture {
			apps += ", " + fixture(s.Claim.App.Fixture)
		}
		fmt.Fprintf(b, "| [%[1]s](#%[1]s) | %s | %s | %s | %s | %s |\n", s.Name, s.Claim.Says, verdict, by, s.Claim.Instead, apps)
	}
}

// claimStories tells each claim's story and what its arms promise.
func claimStories(b *strings.Builder) {
	for _, s := range Catalogue() {
		if s.Claim == nil {
			continue
		}
		fmt.Fprintf(b, "\n## %s\n\n%s\n\nPromised of a true claim:\n\n", s.Name, s.Story)
		list(b, s.Promises)
		b.WriteString("\nPromised of what holds:\n\n")
		list(b, s.Claim.Promises)
	}
}

func list(b *strings.Builder, promises []promise.Promise) {
	for _, p := range promises {
		fmt.Fprintf(b, "- **%s**: %s\n", p.Name, p.Sentence)
	}
}

func value(labels []string, prefix string) string {
	i := slices.IndexFunc(labels, func(l string) bool { return strings.HasPrefix(l, prefix) })
	return strings.TrimPrefix(labels[i], prefix)
}

func fixture(name string) string {
	return fmt.Sprintf("[%[1]s](../fixtures/node-apps/%[1]s)", name)
}
