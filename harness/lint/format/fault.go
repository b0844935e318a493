package format

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/lint"
)

// groupByFault has a writer for people say a fault once, with the names of the other apps
// that have it.
func groupByFault(write func(io.Writer, Run) error) func(io.Writer, Run) error {
	return func(w io.Writer, r Run) error {
		r.Results = slices.Clone(r.Results)
		for i, x := range r.Results {
			var once []lint.Finding
			for _, g := range lint.Grouped(x.Findings) {
				g.Message = strings.TrimSpace(g.Message + " " + describeOthers(g))
				once = append(once, g.Finding)
			}
			r.Results[i].Findings = once
		}
		return write(w, r)
	}
}

// describeOthers names the other apps of a fault, five at most: "Also: b, c, d and 7
// more."; "" if there are none.
func describeOthers(g lint.Group) string {
	var names []string
	seen := map[string]bool{}
	for _, f := range g.Others {
		if name := cmp.Or(f.Name, fmt.Sprintf("app %d", f.App)); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	const most = 5
	switch n := len(names) - most; {
	case len(names) == 0:
		return ""
	case n > 0:
		return fmt.Sprintf("Also: %s and %d more.", strings.Join(names[:most], ", "), n)
	}
	return "Also: " + strings.Join(names, ", ") + "."
}

// writeHidden writes how many findings the caller has left out.
func (p paint) writeHidden(b *strings.Builder, r Run) {
	n := 0
	for _, x := range r.Results {
		n += x.Hidden
	}
	if n > 0 {
		fmt.Fprintf(b, "  left out by the flags: %s\n", formatCount(n, "finding"))
	}
}
