package rehearsal

import (
	"fmt"
	"strings"
	"time"
)

// Outcome is everything that a rehearsal says beside its report.
type Outcome struct {
	Schema    string     `json:"schema"`
	File      string     `json:"file"`
	App       string     `json:"app"`
	Workers   int        `json:"workers"`
	Verdict   string     `json:"verdict"` // of the promises
	Report    string     `json:"report"`  // folder
	Figures   Figures    `json:"figures"`
	Checks    []Check    `json:"checks"`
	Proposals []Proposal `json:"proposals"`
	Patch     string     `json:"patch"` // of the file, as a diff; "" for none
}

// Schema names the form of an Outcome.
const Schema = "pm2drill/rehearsal/1"

// Text is the outcome for a terminal.
func (o Outcome) Text(colour bool) string {
	var b strings.Builder
	paint := func(code, s string) string {
		if !colour {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	f := o.Figures
	fmt.Fprintf(&b, "%s\n", paint("1", "Measured"))
	if n := len(f.Boots); n > 0 {
		fmt.Fprintf(&b, "  boot            %s to the first request, the slowest of %d\n", f.Boots[n-1].Round(time.Millisecond), n)
	}
	fmt.Fprintf(&b, "  longest answer  %s\n", f.Longest.Round(time.Millisecond))
	fmt.Fprintf(&b, "  memory          %d MiB resident in one worker\n", f.Memory>>20)
	if f.Reload > 0 {
		fmt.Fprintf(&b, "  reload          %s until the last old worker had gone\n", f.Reload.Round(10*time.Millisecond))
	}
	if len(o.Checks) > 0 {
		fmt.Fprintf(&b, "\n%s\n", paint("1", "What the linter found, and what the rehearsal saw of it"))
	}
	codes := map[Verdict]string{Confirmed: "31", Refuted: "32", Unseen: "2"}
	for _, c := range o.Checks {
		fmt.Fprintf(&b, "  %s %s %s\n", c.Rule, paint(codes[c.Verdict], fmt.Sprintf("%-9s", c.Verdict)), c.Because)
	}
	if len(o.Proposals) > 0 {
		fmt.Fprintf(&b, "\n%s\n", paint("1", "What the figures ask for"))
	}
	for _, p := range o.Proposals {
		fmt.Fprintf(&b, "  %s: %s -> %s   %s\n", p.Key, p.Was, p.Value, p.Why)
	}
	if o.Patch != "" {
		fmt.Fprintf(&b, "\n%s", o.Patch)
	}
	return b.String()
}
