package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/report"
)

// DescribeWords tell of it, none where nothing was said.
func DescribeWords(w report.EngineWords) []string {
	var out []string
	if w.Cited > 0 {
		out = append(out, fmt.Sprintf("The engine cites %s; %s grounded: what they name is on record.",
			FormatCount(w.Cited, "fact"), FormatNumber(w.Grounded)+Plural(w.Grounded, " is", " are")))
	}
	if w.Wrong > 0 {
		out = append(out, fmt.Sprintf("%s of its stdout %s the contract; the first: %.200s.", FormatCount(w.Wrong, "line"), Plural(w.Wrong, "breaks", "break"), w.First))
	}
	return out
}

// AvoidableSentence says how many of the dropped requests an engine could have saved, ""
// where nothing was counted.
func AvoidableSentence(by map[string]int) string {
	if by == nil {
		return ""
	}
	n := report.Total(by)
	if n == 0 {
		return "Avoidable: none. No request was dropped that an engine could have saved."
	}
	var lanes []string
	for lane := range by {
		if by[lane] > 0 {
			lanes = append(lanes, lane)
		}
	}
	slices.SortFunc(lanes, func(a, b string) int { return cmp.Or(report.LaneRank(a)-report.LaneRank(b), strings.Compare(a, b)) })
	for i, lane := range lanes {
		lanes[i] = fmt.Sprintf("%s %s", FormatNumber(by[lane]), lane)
	}
	return fmt.Sprintf("Avoidable: %s (%s). An engine that detects and recovers at the floor would have saved %s.",
		FormatCount(n, "dropped request"), strings.Join(lanes, ", "), Plural(n, "it", "them"))
}
