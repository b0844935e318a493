package compare

import (
	"fmt"
	"strings"

	"github.com/pm2drill/pm2drill/harness/report/render"
)

// headline says what the change from A to B has come to.
func (c Comparison) headline() (title string, sentences []string) {
	n := map[change]int{}
	for _, d := range c.arms {
		n[d.Change]++
	}
	title = map[change]string{
		worse: "B is worse", unclear: "Unclear: B may be worse", better: "B is better",
		chance: "No difference beyond chance", same: "No difference",
	}[c.change()]
	sentences = append(sentences, fmt.Sprintf("Of %s in both, %s worse in B, %s better, %s unclear.", render.FormatCount(len(c.arms), "arm"), are(n[worse]), are(n[better]), are(n[unclear])))
	var first []string
	for _, d := range c.arms {
		if d.Change == c.change() && d.Change.rank() >= unclear.rank() && len(first) < render.MostFailed {
			first = append(first, d.name()+" ("+d.why()+")")
		}
	}
	if len(first) > 0 {
		sentences = append(sentences, "What is "+string(c.change())+": "+strings.Join(first, "; ")+".")
	}
	changed := len(c.changed().Rows)
	if changed == 0 {
		return title, append(sentences, "No promise is ruled differently.")
	}
	return title, append(sentences, fmt.Sprintf("%s ruled differently.", render.FormatCount(changed, "promise")+render.Plural(changed, " is", " are")))
}

// why says what of an arm has its change.
func (d armDiff) why() string {
	var parts []string
	if d.Rulings == d.Change {
		parts = append(parts, fmt.Sprintf("as it must in %d of %d, was %d of %d", d.B.AsTheyMust, d.B.Runs, d.A.AsTheyMust, d.A.Runs))
	}
	for _, l := range d.Lanes {
		if l.Change == d.Change && !d.meant && (l.Lane == allLanes || len(d.Lanes) == 1) {
			parts = append(parts, fmt.Sprintf("lost %s, was %s", l.B.owedText(), l.A.owedText()))
		}
	}
	if len(parts) == 0 {
		for _, l := range d.Lanes {
			if l.Change == d.Change && !d.meant {
				parts = append(parts, fmt.Sprintf("%s lost %s, was %s", l.Lane, l.B.owedText(), l.A.owedText()))
			}
		}
	}
	return strings.Join(parts, "; ")
}

// are is "none is", "1 is" or "12 are".
func are(n int) string {
	if n == 0 {
		return "none is"
	}
	return render.FormatNumber(n) + render.Plural(n, " is", " are")
}

// one counts what is so.
func one(so bool) int {
	if so {
		return 1
	}
	return 0
}
