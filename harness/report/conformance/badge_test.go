package conformance

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// TestBadge: every result has a colour of its own, says its word, and is one XML
// document that fetches nothing.
func TestBadge(t *testing.T) {
	colours := map[string]Result{}
	for _, c := range []struct {
		verdict promise.Verdict
		want    Result
	}{{promise.Kept, Passed}, {promise.Partial, Partial}, {promise.Broken, Failed}, {promise.Inconclusive, Inconclusive}} {
		var b bytes.Buffer
		if err := Conformance(report.DigestOf(report.Report{Drills: []report.Drill{{Verdict: c.verdict}}}), Gate{Profile: "core"}).Badge(&b); err != nil {
			t.Fatal(err)
		}
		svg := b.String()
		wellFormed(t, svg)
		for _, want := range []string{"<title>pm2drill core: " + string(c.want) + "</title>", ">pm2drill core</text>", ">" + string(c.want) + "</text>", c.want.chooseColour()} {
			if !strings.Contains(svg, want) {
				t.Errorf("the badge of %s lacks %q:\n%s", c.want, want, svg)
			}
		}
		if other, ok := colours[c.want.chooseColour()]; ok {
			t.Errorf("%s and %s look the same", c.want, other)
		}
		colours[c.want.chooseColour()] = c.want
		if m := regexp.MustCompile(`url\(|href|@import|<style|<script|<image|id=`).FindString(svg); m != "" {
			t.Errorf("the badge has %q: it must stand alone", m)
		}
	}
	for colour, of := range colours {
		if x := contrast(t, colour); x < 4.5 {
			t.Errorf("white on the colour of %s has a contrast of %.2f, less than 4.5", of, x)
		}
	}
	if x := contrast(t, labelColour); x < 4.5 {
		t.Errorf("white on the label has a contrast of %.2f", x)
	}
}

// TestBadgeKeepsTextText: a profile's name is whatever somebody typed.
func TestBadgeKeepsTextText(t *testing.T) {
	var b bytes.Buffer
	if err := writeBadge(&b, `a"b<c>&'`+"\x00\x1b\n"+reporttest.Evil, "passed", passedColour); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, b.String())
	if strings.Contains(b.String(), "<script") || strings.Contains(b.String(), "<img") {
		t.Errorf("markup got through:\n%s", b.String())
	}
	if none := Conformance(report.DigestOf(report.Report{}), Gate{}).formatLabel(); none != "pm2drill" {
		t.Errorf("without a profile the badge reads %q", none)
	}
}

// TestTextPixels: within a tenth of what Verdana at 11 pixels measures.
func TestTextPixels(t *testing.T) {
	for text, want := range map[string]float64{"": 0, "passed": 40.5, "failed": 34, "partial": 39.4, "inconclusive": 70.3, "pm2drill core": 78.4, "WWW": 32.6, "iiii": 12.1} {
		if got := float64(measureText(text)); math.Abs(got-want) > max(5, want/10) {
			t.Errorf("%q: %v pixels, want about %v", text, got, want)
		}
	}
}

func wellFormed(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("%v in:\n%s", err, text)
		}
	}
}

// contrast is WCAG's contrast ratio of white to the colour.
func contrast(t *testing.T, colour string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(fmt.Errorf("colour %q: %w", colour, err))
		}
		x := float64(n) / 255
		if x <= 0.04045 {
			x /= 12.92
		} else {
			x = math.Pow((x+0.055)/1.055, 2.4)
		}
		sum += weight * x
	}
	return 1.05 / (sum + 0.05)
}
