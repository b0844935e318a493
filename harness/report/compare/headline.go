package compare

import (
	"fmt"
	"strings"

	"github.com/pm2drill/pm2drill/harness/report/render"
)

// describeHeadline says what the change from A to B has come to, as a title and
// sentences.
func (c Comparison) describeHeadline() (title string, sentences []string) {
	n := map[change]int{}
	for _, d := range c.arms {
		n[d.Change]++
	}
	title = map[change]string{
		worse: "B is worse", unclear: "Unclear: B may be worse", better: "B is better",
		chance: "No difference beyond chance", same: "No difference",
	}[c.sumUpChange()]
	sentences = append(sentences, fmt.Sprintf("Of %s in both, %s worse in B, %s better, %s unclear.", render.FormatCount(len(c.arms), "arm"), formatWithVerb(n[worse]), formatWithVerb(n[better]), formatWithVerb(n[unclear])))
	var first []string
	for _, d := range c.arms {
		if d.Change == c.sumUpChange() && d.Change.computeRank() >= unclear.computeRank() && len(first) < render.MostFailed {
			first = append(first, d.formatName()+" ("+d.describeWhy()+")")
		}
	}
	if len(first) > 0 {
		sentences = append(sentences, "What is "+string(c.sumUpChange())+": "+strings.Join(first, "; ")+".")
	}
	changed := len(c.buildChangedTable().Rows)
	if changed == 0 {
		return title, append(sentences, "No promise is ruled differently.")
	}
	return title, append(sentences, fmt.Sprintf("%s ruled differently.", render.FormatCount(changed, "promise")+render.Plural(changed, " is", " are")))
}

// describeWhy says for what an arm has its change.
func (d armDiff) describeWhy() string {
	var parts []string
	if d.Rulings == d.Change {
		parts = append(parts, fmt.Sprintf("as it must in %d of %d, was %d of %d", d.B.AsTheyMust, d.B.Runs, d.A.AsTheyMust, d.A.Runs))
	}
	for _, l := range d.Lanes {
		if l.Change == d.Change && !d.meant && (l.Lane == allLanes || len(d.Lanes) == 1) {
			parts = append(parts, fmt.Sprintf("lost %s, was %s", l.B.formatOwed(), l.A.formatOwed()))
		}
	}
	if len(parts) == 0 {
		for _, l := range d.Lanes {
			if l.Change == d.Change && !d.meant {
				parts = append(parts, fmt.Sprintf("%s lost %s, was %s", l.Lane, l.B.formatOwed(), l.A.formatOwed()))
			}
		}
	}
	return strings.Join(parts, "; ")
}

// formatWithVerb returns "none is", "1 is" or "12 are".
func formatWithVerb(n int) string {
	if n == 0 {
		return "none is"
	}
	return render.FormatNumber(n) + render.Plural(n, " is", " are")
}

// countOne returns 1 if so, else 0.
func countOne(so bool) int {
	if so {
		return 1
	}
	return 0
}
