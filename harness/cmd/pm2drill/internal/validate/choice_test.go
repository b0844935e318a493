package validate

import (
	"slices"
	"testing"

	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/lint/format"
)

func TestChoice(t *testing.T) {
	for _, x := range []struct {
		c    Choice
		want []string
	}{
		{Choice{severity: "info"}, []string{"C001", "E003", "T002"}},
		{Choice{severity: "warning"}, []string{"C001", "T002"}},
		{Choice{severity: "error", ignored: "T002"}, []string{"C001"}},
		{Choice{severity: "info", rules: "e003, t002"}, []string{"E003", "T002"}},
		{Choice{severity: "info", rules: "E003,T002", ignored: "E003"}, []string{"T002"}},
	} {
		run := format.Run{Results: []format.Result{{Findings: []lint.Finding{{Rule: "C001", Severity: lint.Error}, {Rule: "E003", Severity: lint.Info}, {Rule: "T002", Severity: lint.Warning}}}}}
		x.c.apply(&run)
		var got []string
		for _, f := range run.Results[0].Findings {
			got = append(got, f.Rule)
		}
		if !slices.Equal(got, x.want) || run.Results[0].Hidden != 3-len(x.want) || x.c.Wrong() != "" {
			t.Errorf("%+v: %v, %d hidden, %q", x.c, got, run.Results[0].Hidden, x.c.Wrong())
		}
	}
	for _, bad := range []Choice{{severity: "fatal"}, {severity: "info", rules: "C999"}, {severity: "info", ignored: "nothing"}} {
		if bad.Wrong() == "" {
			t.Errorf("%+v is taken", bad)
		}
	}
}
