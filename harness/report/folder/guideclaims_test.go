package folder

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/report/page"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/render"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// claimed is a drill of one of a claim's arms, in which promises fared like this
// and had to.
func claimed(scenario, arm string, expected promise.Verdict, fared ...promise.Verdict) report.Drill {
	d := report.Drill{Scenario: scenario, Arm: arm, Claim: &report.Claim{Says: `The "first" setting of ` + scenario + " holds.", Instead: "Something else | holds."}}
	for _, v := range fared {
		d.Rulings = append(d.Rulings, promise.Ruling{Name: "p", Promise: "p", Verdict: v, Expected: expected, Because: string(v) + " by 7 of 9"})
	}
	d.Verdict = promise.Verdicts(d.Rulings)
	return d
}

func TestSayings(t *testing.T) {
	const k, b, u = promise.Kept, promise.Broken, promise.Inconclusive
	type arm = []promise.Verdict
	for name, c := range map[string]struct {
		claim   []arm // the rulings of each repetition
		instead []arm
		want    report.GuideClaim
	}{
		"false, and something else holds": {[]arm{{b}}, []arm{{k, k}}, report.GuideClaim{Found: report.HoldsNot, Because: "broken by 7 of 9", InsteadFound: report.Holds, InsteadBecause: "kept by 7 of 9"}},
		"true":                            {[]arm{{k}}, []arm{{k}}, report.GuideClaim{Found: report.Holds, Because: "kept by 7 of 9", InsteadFound: report.Holds, InsteadBecause: "kept by 7 of 9"}},
		"half of what was to hold does":   {[]arm{{b}}, []arm{{k, b}}, report.GuideClaim{Found: report.HoldsNot, Because: "broken by 7 of 9", InsteadFound: report.HoldsNot, InsteadBecause: "broken by 7 of 9"}},
		"nothing proved":                  {[]arm{{u}}, []arm{{k, u}}, report.GuideClaim{Found: report.Unproved, Because: "inconclusive by 7 of 9", InsteadFound: report.Unproved, InsteadBecause: "inconclusive by 7 of 9"}},
		"one repetition proves nothing":   {[]arm{{b}, {u}, {b}}, nil, report.GuideClaim{Found: report.Unproved, Because: "inconclusive by 7 of 9", InsteadFound: report.NotDrilled}},
		"now so, now so":                  {[]arm{{k}, {b}, {k}}, nil, report.GuideClaim{Found: "holds in 2 of 3 drills", Because: "broken by 7 of 9", InsteadFound: report.NotDrilled}},
		"nothing judged":                  {[]arm{{}}, nil, report.GuideClaim{Found: report.Unproved, Because: "nothing was judged", InsteadFound: report.NotDrilled}},
	} {
		var r report.Report
		for _, rulings := range c.claim {
			r.Drills = append(r.Drills, claimed("s", evidence.ArmClaim, b, rulings...))
		}
		for _, rulings := range c.instead {
			r.Drills = append(r.Drills, claimed("s", evidence.ArmInstead, k, rulings...))
		}
		c.want.Scenario, c.want.Claim = "s", *r.Drills[0].Claim
		if got := report.GuideClaims(report.DigestOf(r)); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// claimSample is one claim that is false, one that holds and one that is not decided.
func claimSample() report.Report {
	const k, b, u = promise.Kept, promise.Broken, promise.Inconclusive
	return report.Report{Run: reporttest.SampleRun(), Drills: []report.Drill{
		claimed("false", evidence.ArmClaim, b, b), claimed("false", evidence.ArmInstead, k, k),
		claimed("true", evidence.ArmClaim, k, k), claimed("true", evidence.ArmInstead, k, k),
		claimed("open", evidence.ArmClaim, b, u),
	}}
}

// TestClaimsAreShown looks for the same findings in every form of the report.
func TestClaimsAreShown(t *testing.T) {
	r := claimSample()
	var text, html, doc bytes.Buffer
	for _, err := range []error{render.Text(&text, report.DigestOf(r), false), page.HTML(&html, report.DigestOf(r)), JSON(&doc, report.DigestOf(r))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for form, c := range map[string]struct {
		got  string
		want []string
	}{
		"text": {text.String(), []string{
			"The source document's claims, on PM2", `✗ does not hold: The "first" setting of false`, "✓ holds: Something else", "? inconclusive: ", "? not drilled: ",
			"Of 3 claims of the source document 1 holds on this PM2, 1 does not, and 1 is undecided.",
		}},
		"markdown": {render.Markdown(report.DigestOf(r)), []string{"| ✗ does not hold | broken by 7 of 9 | Something else \\| holds. | ✓ holds |", "| ? inconclusive |"}},
		"html":     {html.String(), []string{`href="#false-claim"`, "✗</b> does not hold", "The &#34;first&#34; setting", "claims, on PM2", "not drilled", "broke as it should"}},
		"json":     {doc.String(), []string{`"found": "does not hold"`, `"instead_found": "not drilled"`}},
	} {
		for _, want := range c.want {
			if !strings.Contains(c.got, want) {
				t.Errorf("the %s does not say %q", form, want)
			}
		}
	}
	if strings.Contains(text.String(), "nobody to heal") {
		t.Error("a false claim counts as a fault that is real")
	}
}

// TestClaimsAreNotShown where none was drilled.
func TestClaimsAreNotShown(t *testing.T) {
	r := reporttest.GoldenSample()
	var text, html, doc bytes.Buffer
	for _, err := range []error{render.Text(&text, report.DigestOf(r), false), page.HTML(&html, report.DigestOf(r)), JSON(&doc, report.DigestOf(r))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if all := text.String() + html.String() + render.Markdown(report.DigestOf(r)); strings.Contains(all, "source document") || strings.Contains(doc.String(), `"claim`) {
		t.Error("a report without claims speaks of them")
	}
}

// TestClaimsAreStored: what a run stored says the same when it is read again.
func TestClaimsAreStored(t *testing.T) {
	r, dir := claimSample(), t.TempDir()+"/run"
	if err := Write(dir, report.DigestOf(r)); err != nil {
		t.Fatal(err)
	}
	again, err := Load(dir)
	if err != nil || !slices.Equal(report.GuideClaims(report.DigestOf(again)), report.GuideClaims(report.DigestOf(r))) {
		t.Errorf("read again (%v): %+v, want %+v", err, report.GuideClaims(report.DigestOf(again)), report.GuideClaims(report.DigestOf(r)))
	}
}

// TestClaimsDocumented holds SCHEMA.md to what a report of claims contains.
func TestClaimsDocumented(t *testing.T) {
	schema, err := os.ReadFile("../SCHEMA.md")
	var b bytes.Buffer
	if err != nil || JSON(&b, report.DigestOf(claimSample())) != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	for key := range reporttest.KeysOf(v, map[string]bool{}) {
		if !strings.Contains(string(schema), "`"+key+"`") {
			t.Errorf("SCHEMA.md does not describe %q", key)
		}
	}
}
