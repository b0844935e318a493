package conformance

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// Colours of a badge. White text on each has a contrast of 4.5 or more; the word
// beside it says the same to who sees no colour.
const (
	labelColour   = "#24292f"
	passedColour  = "#1a7f37"
	partialColour = "#8a6100"
	failedColour  = "#c01f2a"
	unknownColour = "#57606a"
)

func (x Result) chooseColour() string {
	switch x {
	case Passed:
		return passedColour
	case Partial:
		return partialColour
	case Failed:
		return failedColour
	}
	return unknownColour
}

// Badge writes badge.svg: an image of one line that fetches nothing and looks the
// same in whatever font there is.
func (s Statement) Badge(w io.Writer) error {
	if err := writeBadge(w, s.formatLabel(), string(s.doc.Result), s.doc.Result.chooseColour()); err != nil {
		return fmt.Errorf("cannot write %s: %w", fileBadge, err)
	}
	return nil
}

// Measures of a badge in pixels.
const (
	badgeHeight = 20
	badgeSide   = 6 // beside each text
	badgeRound  = 3 // radius of the corners
)

// writeBadge draws two boxes side by side, as SVG. Corners are rounded by the boxes' own
// outline and not by a mask: a mask needs an id, and two badges in one page would share
// it.
func writeBadge(w io.Writer, label, message, colour string) error {
	left, right := measureText(label), measureText(message)
	split := left + 2*badgeSide
	width := split + right + 2*badgeSide
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d" role="img" aria-label="%[3]s">
<title>%[3]s</title>
<path fill="%[4]s" d="M%[5]d 0H%[6]dV%[2]dH%[5]dA%[5]d %[5]d 0 0 1 0 %[7]dV%[5]dA%[5]d %[5]d 0 0 1 %[5]d 0Z"/>
<path fill="%[8]s" d="M%[6]d 0H%[9]dA%[5]d %[5]d 0 0 1 %[1]d %[5]dV%[7]dA%[5]d %[5]d 0 0 1 %[9]d %[2]dH%[6]dZ"/>
<g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11" aria-hidden="true">
%[10]s%[11]s</g>
</svg>
`, width, badgeHeight, escapeXML(label+": "+message), labelColour, badgeRound, split, badgeHeight-badgeRound, colour, width-badgeRound,
		formatBadgeText(badgeSide, left, label), formatBadgeText(split+badgeSide, right, message))
	return err
}

// formatBadgeText returns the SVG of one text that begins at x and is so many pixels
// wide.
func formatBadgeText(x, wide int, s string) string {
	return fmt.Sprintf("<text x=\"%d\" y=\"14\" textLength=\"%d\" lengthAdjust=\"spacingAndGlyphs\">%s</text>\n", x, wide, escapeXML(s))
}

// measureText returns about how wide a text of 11 pixels is in Verdana, rounded to the
// next pixel. The badge makes every font keep to that width.
func measureText(s string) int {
	tenths := 0
	for _, c := range s {
		switch {
		case strings.ContainsRune("fijlrtI.,:;'|!()[] -", c):
			tenths += 42
		case strings.ContainsRune("mwMWQO%@", c):
			tenths += 98
		case 'A' <= c && c <= 'Z':
			tenths += 76
		case c < 0x80:
			tenths += 66
		default: // a letter that is no Latin one may be as wide as it is high
			tenths += 110
		}
	}
	return (tenths + 9) / 10
}

// escapeXML returns a text as XML can hold it.
func escapeXML(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
