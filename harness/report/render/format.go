package render

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/rate"

	"github.com/pm2drill/pm2drill/harness/report"
)

// FormatCount is "1 drill" or "12 drills".
func FormatCount(n int, noun string) string { return FormatNumber(n) + " " + Plural(n, noun, noun+"s") }

// Plural returns one for 1 and many for any other number.
func Plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// FormatNumber groups thousands with commas.
func FormatNumber(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// FormatDuration is a duration with the digits a person needs: 41 ms, 4.2 s, 2 min 5 s.
func FormatDuration(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}

// FormatKnown is brief, with a dash for an unknown duration.
func FormatKnown(d time.Duration) string {
	if d == 0 {
		return "–"
	}
	return FormatDuration(d)
}

// FormatLedger is a lane's drops over what it owed: "0/12,000"; of the noise arm
// only the drops matter.
func FormatLedger(f report.Figures, name string) string {
	l, ok := f.Lane(name)
	switch {
	case !ok:
		return "–"
	case name == evidence.LaneNoise:
		return FormatNumber(l.Dropped)
	}
	return FormatNumber(l.Dropped) + "/" + FormatNumber(l.Owed)
}

// FormatServing is the least number of serving workers over how many there should be.
func FormatServing(f report.Figures) string {
	if f.Least < 0 {
		return "–"
	}
	return fmt.Sprintf("%d/%d", f.Least, f.Workers)
}

// FormatRange returns an interval of rates: "37.6–96.4 %".
func FormatRange(x rate.Interval) string {
	return strings.TrimSuffix(formatPercent(x.Low), " %") + "–" + formatPercent(x.High)
}

// FormatRate is the arm's rate with its interval: "80 % (37.6–96.4 %)".
func FormatRate(x report.ArmSummary) string {
	if x.Rate == nil {
		return "–"
	}
	return fmt.Sprintf("%s (%s)", formatPercent(*x.Rate), FormatRange(*x.Interval))
}
