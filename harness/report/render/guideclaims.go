package render

import (
	"fmt"
	"strings"

	"github.com/pm2drill/pm2drill/harness/report"
)

// describeClaims sums the claims up for the headline.
func describeClaims(r report.Digest) []string {
	all := report.GuideClaims(r)
	if len(all) == 0 {
		return nil
	}
	n := map[string]int{}
	for _, s := range all {
		n[s.Found]++
	}
	rest := len(all) - n[report.Holds] - n[report.HoldsNot]
	out := fmt.Sprintf("Of %s of the source document %s on this PM2, %s not", FormatCount(len(all), "claim"),
		FormatNumber(n[report.Holds])+" "+Plural(n[report.Holds], "holds", "hold"), FormatNumber(n[report.HoldsNot])+" "+Plural(n[report.HoldsNot], "does", "do"))
	if rest > 0 {
		out += fmt.Sprintf(", and %s undecided", FormatNumber(rest)+" "+Plural(rest, "is", "are"))
	}
	return []string{out + "."}
}

// ClaimsTitle heads the section.
func ClaimsTitle(r report.Digest) string {
	title := "The source document's claims"
	if v := r.Run.Versions.PM2; v != "" {
		title += ", on PM2 " + v
	}
	return title
}

// writeTextClaims writes the section of claims for a terminal; nothing where no claim was
// drilled.
func writeTextClaims(b *strings.Builder, p Paint, r report.Digest) {
	all := report.GuideClaims(r)
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", p.makeBold(Clean(ClaimsTitle(r))))
	for _, s := range all {
		fmt.Fprintf(b, "  %s %s\n", p.As(s.Tone(), s.Mark()+" "+s.Found+":"), Clean(s.Says))
		writeTextReason(b, p, s.Because)
		fmt.Fprintf(b, "    %s %s\n", p.As(report.VerdictOf(s.InsteadFound), s.InsteadMark()+" "+s.InsteadFound+":"), Clean(s.Instead))
		writeTextReason(b, p, s.InsteadBecause)
	}
}

func writeTextReason(b *strings.Builder, p Paint, because string) {
	if because != "" {
		fmt.Fprintf(b, "      %s\n", p.makeDim(Clean(because)))
	}
}

// writeMarkdownClaims writes the section of claims as a table; nothing where no claim was
// drilled.
func writeMarkdownClaims(b *strings.Builder, r report.Digest) {
	all := report.GuideClaims(r)
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(b, "\n**%s**\n\n| claim | found | by what | what holds | found | by what |\n|---|---|---|---|---|---|\n", EscapeMarkdown(ClaimsTitle(r)))
	for _, s := range all {
		fmt.Fprintf(b, "| %s | %s %s | %s | %s | %s %s | %s |\n", EscapeMarkdown(s.Says), s.Mark(), s.Found, EscapeMarkdown(s.Because),
			EscapeMarkdown(s.Instead), s.InsteadMark(), s.InsteadFound, EscapeMarkdown(s.InsteadBecause))
	}
}
