package lint

import (
	"math"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func l009() Rule {
	return Rule{
		ID: "L009", Severity: Warning,
		Title:  "an unset environment variable ends up in the configuration",
		Why:    "What the file makes of a variable that is not set (undefined, NaN, the text \"undefined\") goes into PM2 as it stands. An app gets a name that nobody expects, and is started beside the old one at the next reload; a number that is none can stop the daemon (K005).",
		Fix:    "Give it a default, or let the file throw when the variable is missing: then nothing is started or stopped.",
		Source: "lib/God.js:138",
		File: func(s *Subject) []Finding {
			var unset []string
			for _, r := range s.Loaded.Reads {
				if !r.Set {
					unset = append(unset, r.Name)
				}
			}
			if len(unset) == 0 {
				return nil
			}
			var out []Finding
			for _, a := range s.Apps {
				for _, key := range []string{"name", "script", "cwd", "instances", "port", "exec_mode"} {
					if v, ok := a.getExact(a.findSpelling(key)); ok && isHollow(v) {
						out = append(out, a.report(key, "%s is %s, and the file reads what is not set here: %s.", key, v.Inspect(), strings.Join(unset, ", ")))
					}
				}
			}
			return out
		},
	}
}

// isHollow reports whether a value looks like what is made of a missing one.
func isHollow(v ecosystem.Value) bool {
	switch {
	case v.Is(ecosystem.Undefined):
		return true
	case v.Is(ecosystem.Number):
		return math.IsNaN(v.Num)
	case v.Is(ecosystem.String):
		return strings.Contains(v.Text, "undefined") || strings.Contains(v.Text, "NaN")
	}
	return false
}
