package proofs

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	. "github.com/onsi/gomega"

	"github.com/pm2drill/pm2drill/harness/cluster"
)

// proven is what a spec has seen of a rule.
type proven struct {
	Proof
	before, after string
}

// tableHead is the head of the table of proofs.
const tableHead = `# Fixes that are proven on PM2

Written by ` + "`make test-rules`" + `: each configuration of *before* was started on real PM2 beside an app that
has nothing to do with it, with the daemon's directory elsewhere; then the one of *after*, which is the
rule's fix carried out. The proof's file is scenarios/proofs/ID.go.

| rule | configuration | its fix | before | after | PM2 | Node |
|---|---|---|---|---|---|---|
`

// The table is written to the file that PM2DRILL_PROOFS_TABLE names. A spec that has
// failed, or was left out, is named below it.
var _ = ReportAfterSuite("table of proofs", func(r Report) {
	name := os.Getenv("PM2DRILL_PROOFS_TABLE")
	if name == "" {
		return
	}
	var b strings.Builder
	b.WriteString(tableHead)
	var lacking []string
	for _, spec := range r.SpecReports {
		if spec.LeafNodeType == types.NodeTypeIt && spec.State != types.SpecStatePassed {
			rule, _, _ := strings.Cut(spec.LeafNodeText, " ")
			lacking = append(lacking, rule)
		}
		for _, entry := range spec.ReportEntries {
			fmt.Fprintf(&b, "%v\n", entry.GetRawValue()) // a row: what a parallel suite sends is text
		}
	}
	if len(lacking) > 0 {
		fmt.Fprintf(&b, "\nNot proven in this run: %s.\n", strings.Join(lacking, ", "))
	}
	Expect(os.WriteFile(name, []byte(b.String()), 0o644)).To(Succeed())
})

// row is a proof's line of the table.
func (p proven) row() string {
	fix := p.Good
	switch {
	case fix == p.Bad && p.Fixed != "":
		fix = "called " + p.Fixed
	case len(p.Mend) > 0:
		fix = ""
		for _, s := range p.Mend {
			fix += "pm2 " + strings.Join(s.PM2, " ") + "; "
		}
	}
	cell := func(s string) string {
		s = strings.ReplaceAll(strings.Join(strings.Fields(colours.ReplaceAllString(s, "")), " "), "|", "\\|")
		if s == "" {
			return "(nothing)"
		}
		return s
	}
	code := func(s string) string { return "`" + strings.ReplaceAll(cell(s), "`", "'") + "`" }
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s | %s |", p.Rule, code(p.Bad), code(fix), cell(p.before), cell(p.after),
		cmp.Or(os.Getenv("PM2"), cluster.DefaultPM2), cmp.Or(p.Node, os.Getenv("NODE"), cluster.DefaultNode))
}

// colours are what PM2 colours its words with.
var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// state is what runs of the file's apps, in a few words.
func (o Outcome) state() string {
	online, restarts := 0, 0
	for _, r := range o.List {
		if r.Status == "online" {
			online++
		}
		restarts += r.Restarts
	}
	out := fmt.Sprintf("%d of %d online, %d restarts", online, len(o.List), restarts)
	if o.Answers.OK {
		out += ", it answers"
	}
	for _, s := range o.Steps {
		if s.Load.Sent > 0 {
			out += fmt.Sprintf(", %d of %d requests lost", s.Load.Failed, s.Load.Sent)
		}
	}
	return out
}
