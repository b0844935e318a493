package scenarios

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
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
nobody heals and the promise named here must break.

| incident | cause | tier | fixture | with nobody to heal, breaks | decoy |
|---|---|---|---|---|---|
`)
	for _, s := range Catalogue() {
		decoy := "-"
		if s.Decoy != nil {
			decoy = fixture(s.Decoy.App.Fixture)
		}
		fmt.Fprintf(&b, "| [%[1]s](#%[1]s) | %s | %s | %s | %s | %s |\n",
			s.Name, value(s.Labels, "cause:"), value(s.Labels, "tier:"), fixture(s.App.Fixture), s.Breaks, decoy)
	}
	for _, s := range Catalogue() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\nPromised of the engine's arm:\n\n", s.Name, s.Story)
		for _, p := range s.Promises {
			fmt.Fprintf(&b, "- **%s**: %s\n", p.Name, p.Sentence)
		}
		if s.Decoy != nil {
			fmt.Fprintf(&b, "\nDecoy: %s\n", s.Decoy.Story)
		}
	}
	return b.String()
}

func value(labels []string, prefix string) string {
	i := slices.IndexFunc(labels, func(l string) bool { return strings.HasPrefix(l, prefix) })
	return strings.TrimPrefix(labels[i], prefix)
}

func fixture(name string) string {
	return fmt.Sprintf("[%[1]s](../fixtures/node-apps/%[1]s)", name)
}
