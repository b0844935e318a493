package lint

import (
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func k012() Rule {
	return Rule{
		ID: "K012", Severity: Warning,
		Title:  "watch is a word, which PM2 takes for a path",
		Why:    "A text is a path to be watched. watch: \"false\" watches a file called false, and `pm2 ls` shows watching as enabled. In YAML 1.2, which PM2 reads, no and off are such words, too.",
		Fix:    "Write true or false, without quotes.",
		Source: "lib/API/schema.json, lib/Watcher.js:38",
		Apps: func(a App) []Finding {
			v := a.getRaw("watch")
			word := strings.ToLower(v.Text)
			if !v.Is(ecosystem.String) || !slices.Contains([]string{"true", "false", "yes", "no", "on", "off", "0", "1"}, word) {
				return nil
			}
			meant := "false"
			if slices.Contains([]string{"true", "yes", "on", "1"}, word) {
				meant = "true"
			}
			return listOne(a.report("watch", "watch: %s watches the path %s.", v.Inspect(), v.Inspect()).setEdit(Edit{Set: meant}))
		},
	}
}
