package format

import (
	"fmt"
	"io"
	"strings"

	"github.com/pm2drill/pm2drill/harness/lint"
)

// writeGitHub writes the workflow commands by which a job annotates lines
// (docs.github.com/actions, "Workflow commands").
func writeGitHub(w io.Writer, r Run) error {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, x := range r.Results {
		if why := x.Inconclusive(); why != "" {
			if _, err := fmt.Fprintf(w, "::error file=%s::cannot be said: %s. %s\n", property.Replace(x.Path), data.Replace(why), data.Replace(x.goOn())); err != nil {
				return err
			}
		}
		for _, f := range x.Findings {
			command := map[lint.Severity]string{lint.Error: "error", lint.Warning: "warning", lint.Info: "notice"}[f.Severity]
			place := "file=" + property.Replace(x.Path)
			if f.Line > 0 {
				place += fmt.Sprintf(",line=%d,col=%d,endColumn=%d", f.Line, f.Col, f.Col+f.Width)
			}
			rule, _ := lint.Find(f.Rule)
			if _, err := fmt.Fprintf(w, "::%s %s,title=%s::%s\n", command, place, property.Replace(f.Rule+" "+rule.Title), data.Replace(f.Message+" Fix: "+f.Fix)); err != nil {
				return err
			}
		}
	}
	return nil
}
