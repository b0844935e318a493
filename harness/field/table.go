package field

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Result is the last column.
func (v Verdict) Result() string {
	switch {
	case v.Void != "":
		return "void"
	case len(v.Broken) > 0:
		return "BROKEN"
	case len(v.Noisy) > 0:
		return "noisy"
	}
	return "kept"
}

func (s Service) String() string {
	return fmt.Sprintf("%.1f/%.0f s  %d/%d  up %d", s.Served, s.Of, s.Answered, s.Owed, s.Online)
}

// Table writes a row for each case, and below it what is broken.
func Table(w io.Writer, all []Verdict) error {
	rows := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "case\tPM2 alone\twith engine\ttold after\tsays\tdoes\tlag\tverdict")
	kept := 0
	for _, v := range all {
		told := "-"
		if v.Told != nil {
			told = fmt.Sprintf("%.1f s", *v.Told)
		} else if v.First != nil {
			told = fmt.Sprintf("(%.1f s)", *v.First)
		}
		if v.Result() == "kept" {
			kept++
		}
		fmt.Fprintf(rows, "%s\t%s\t%s\t%s\t%s\t%s\t%.1f s\t%s\n", v.Case, v.Alone, v.With, told, strings.Join(v.Says, " "), countActions(v.Did), v.Lag, v.Result())
	}
	if err := rows.Flush(); err != nil {
		return err
	}
	for _, v := range all {
		if v.Result() == "kept" {
			continue
		}
		fmt.Fprintf(w, "\n%s: %s\n", v.Case, v.Story)
		if v.Void != "" {
			fmt.Fprintf(w, "  void: %s\n", v.Void)
		}
		for _, b := range v.Broken {
			fmt.Fprintf(w, "  %s\n", b)
		}
		for _, b := range v.Noisy {
			fmt.Fprintf(w, "  noisy host (%.1f s): %s\n", v.Lag, b)
		}
	}
	_, err := fmt.Fprintf(w, "\n%d of %d cases kept. Served time of all, answered requests, workers online at the end; told: in brackets, an alert that does not name what it should; lag: by how much this test itself was late at the worst, for the host's noise.\n", kept, len(all))
	return err
}

// countActions counts actions instead of repeating them: "restart×3".
func countActions(did []string) string {
	counts := map[string]int{}
	var order []string
	for _, d := range did {
		action, _, _ := strings.Cut(d, " ")
		if counts[action] == 0 {
			order = append(order, action)
		}
		counts[action]++
	}
	for i, action := range order {
		order[i] = fmt.Sprintf("%s×%d", action, counts[action])
	}
	return strings.Join(order, " ")
}
