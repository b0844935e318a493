package conformance

import (
	"fmt"
	"io"
	"strings"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// annotationsOfAKind is how many annotations of one kind GitHub shows of a step;
// it drops the others without a word.
const annotationsOfAKind = 10

// annotation is one workflow command.
type annotation struct{ title, text string }

// Annotations writes GitHub's workflow commands: an error for each promise of an arm that is
// broken, a warning for each that is inconclusive, a notice for each capability for
// want of which promises were skipped. They take effect on a job's stdout or
// stderr. The last of too many says how many more there are.
func Annotations(w io.Writer, r report.Digest) error {
	var errs, warnings, notices []annotation
	for _, x := range r.Arms {
		for _, p := range x.Problems() {
			a := annotation{p.Title, render.Clean(p.Text)}
			if p.Command != "" {
				a.text += "\nreproduce: " + render.Clean(p.Command)
			}
			if p.Broken {
				errs = append(errs, a)
			} else {
				warnings = append(warnings, a)
			}
		}
	}
	for _, x := range report.Skips(r) {
		notices = append(notices, annotation{render.FormatCount(x.Promises, "promise") + " skipped",
			render.Clean(fmt.Sprintf("%s: %s", x.Because, strings.Join(x.Scenarios, ", ")))})
	}
	var b strings.Builder
	writeAnnotations(&b, "error", errs)
	writeAnnotations(&b, "warning", warnings)
	writeAnnotations(&b, "notice", notices)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("cannot write annotations: %w", err)
	}
	return nil
}

// writeAnnotations writes the annotations of a kind, as many as GitHub shows.
func writeAnnotations(b *strings.Builder, kind string, all []annotation) {
	if more := len(all) - annotationsOfAKind; more > 0 {
		more++ // the last line takes the place of one
		all = append(all[:annotationsOfAKind-1:annotationsOfAKind-1],
			annotation{"pm2drill", fmt.Sprintf("%s more: see the report", render.FormatNumber(more))})
	}
	for _, a := range all {
		fmt.Fprintf(b, "::%s title=%s::%s\n", kind, escapeProperty(render.Clean(a.title)), escapeData(a.text))
	}
}

// escapeData keeps text from ending a workflow command or starting another.
func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// escapeProperty does what escapeData does, for a property, which a comma or a colon
// would end.
func escapeProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(escapeData(s))
}
