package render

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/rate"
	"github.com/pm2drill/pm2drill/harness/report"
)

// VariantTable shows which values two or more variants have in common of which some were not
// as they must, the worst first.
func VariantTable(r report.Digest) Table {
	all, values := report.VariantSums(r)
	t := Table{ID: "variants", Title: "Variants that were not as they must, by what was drawn"}
	if all.Drawn == 0 {
		return t
	}
	t.Columns = []Column{{Name: "drawn", Left: true}, {Name: "value", Left: true}, {Name: "not as it must"}, {Name: "of"}, {Name: "as it must, 95 %"}}
	values = slices.DeleteFunc(values, func(s report.VariantSum) bool { return s.Judged < 2 || s.Kept == s.Judged })
	slices.SortStableFunc(values, func(a, b report.VariantSum) int {
		return cmp.Compare(a.Kept*b.Judged, b.Kept*a.Judged)
	})
	for _, s := range values {
		t.Rows = append(t.Rows, []Cell{TextCell(s.Of), TextCell(s.Value), TextCell(FormatNumber(s.Judged - s.Kept)), TextCell(FormatNumber(s.Judged)), TextCell(formatInterval(s.Within()))})
	}
	t.Rows = append(t.Rows, []Cell{TextCell("all"), TextCell(""), TextCell(FormatNumber(all.Judged - all.Kept)), TextCell(FormatNumber(all.Judged)), TextCell(formatInterval(all.Within()))})
	t.Notes = []Cell{{Text: describeVariants(all), Tone: SoftTone}}
	return t
}

// describeVariants says how all variants fared.
func describeVariants(s report.VariantSum) string {
	text := fmt.Sprintf("%s drawn, of which %d prove something; %d of those as they must", FormatCount(s.Drawn, "variant"), s.Judged, s.Kept)
	if w := s.Within(); w != nil {
		text += fmt.Sprintf(" (95 %% interval: %s)", formatInterval(w))
	}
	return text + "."
}

// formatInterval formats an interval in percent, or a dash for nil.
func formatInterval(w *rate.Interval) string {
	if w == nil {
		return "–"
	}
	return fmt.Sprintf("%.0f–%.0f %%", 100*w.Low, 100*w.High)
}
