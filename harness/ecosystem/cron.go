package ecosystem

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
)

// CheckCron tells whether croner 4.1, which PM2 brings, takes the value for a
// pattern; what it refuses throws, in the daemon as well (lib/Worker.js:48).
// A string with a colon in it is taken for a date.
func CheckCron(v Value) error {
	if !v.Is(String) {
		return fmt.Errorf("the pattern has to be a string, and is %s", v.Inspect())
	}
	if strings.Index(v.Text, ":") > 0 {
		return checkDate(v.Text)
	}
	parts := strings.Fields(v.Text)
	if len(parts) < 5 || len(parts) > 6 {
		return fmt.Errorf("%q has %d fields: five are needed, or six, of which the first is seconds", v.Text, len(parts))
	}
	if len(parts) == 5 {
		parts = append([]string{"0"}, parts...)
	}
	if strings.EqualFold(parts[3], "L") {
		parts[3] = "28,29,30,31"
	}
	parts[4] = replaceNames(parts[4], 1, "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
	parts[5] = replaceNames(parts[5], 0, "sun", "mon", "tue", "wed", "thu", "fri", "sat")
	for i, p := range parts {
		// "?" is whatever it is now: any number of the field's range will do.
		parts[i] = strings.Replace(p, "?", "1", 1)
		if strings.Trim(parts[i], "/*0123456789,-") != "" {
			return fmt.Errorf("the field %q has characters that no pattern has", p)
		}
	}
	for i, f := range listCronFields() {
		if err := f.check(parts[i], false); err != nil {
			return err
		}
	}
	return nil
}

// cronField is one of a pattern's six.
type cronField struct {
	name string
	size int // how many values it has
	from int // the least of them, for numbers and ranges; a step counts from 0
}

func listCronFields() []cronField {
	return []cronField{
		{"seconds", 60, 0}, {"minutes", 60, 0}, {"hours", 24, 0}, {"days", 31, 1}, {"months", 12, 1}, {"days of the week", 8, 0},
	}
}

func (f cronField) newError(conf, why string) error {
	return fmt.Errorf("the %s %q are wrong: %s", f.name, conf, why)
}

// check does what croner's partToArray does: a list may have single numbers alone in it.
func (f cronField) check(conf string, inList bool) error {
	if conf == "*" {
		return nil
	}
	if list := strings.Split(conf, ","); len(list) > 1 {
		for _, x := range list {
			if err := f.check(x, true); err != nil {
				return err
			}
		}
		return nil
	}
	ranged, stepped := strings.Contains(conf, "-"), strings.Contains(conf, "/")
	switch {
	case inList && (ranged || stepped):
		return f.newError(conf, "a list cannot have ranges or steps in it")
	case ranged && stepped:
		return f.checkRangeStep(conf)
	case ranged:
		return f.checkRange(conf)
	case stepped:
		return f.checkStep(conf)
	}
	// What is no number is compared and found neither too small nor too large: croner
	// lets it pass.
	if n := parseInt(conf) - float64(f.from); n < 0 || n >= float64(f.size) {
		return f.newError(conf, "out of range")
	}
	return nil
}

var rangeStep = regexp.MustCompile(`^(\d+)-(\d+)/(\d+)$`)

func (f cronField) checkRangeStep(conf string) error {
	m := rangeStep.FindStringSubmatch(conf)
	if m == nil {
		return f.newError(conf, "a range with a step is written like 3-23/5")
	}
	if err := f.checkBounds(conf, parseInt(m[1]), parseInt(m[2])); err != nil {
		return err
	}
	return f.checkStepSize(conf, parseInt(m[3]))
}

func (f cronField) checkRange(conf string) error {
	ends := strings.Split(conf, "-")
	if len(ends) != 2 {
		return f.newError(conf, "a range has two ends")
	}
	return f.checkBounds(conf, parseInt(ends[0]), parseInt(ends[1]))
}

func (f cronField) checkStep(conf string) error {
	parts := strings.Split(conf, "/")
	if len(parts) != 2 {
		return f.newError(conf, "it has more than one step")
	}
	return f.checkStepSize(conf, parseInt(parts[1]))
}

func (f cronField) checkBounds(conf string, lower, upper float64) error {
	from := float64(f.from)
	switch {
	case math.IsNaN(lower) || math.IsNaN(upper):
		return f.newError(conf, "a range has two ends")
	case lower < from || upper-from >= float64(f.size):
		return f.newError(conf, "out of range")
	case lower > upper:
		return f.newError(conf, "the range ends before it begins")
	}
	return nil
}

func (f cronField) checkStepSize(conf string, n float64) error {
	switch {
	case math.IsNaN(n) || n == 0:
		return f.newError(conf, "the step must be 1 or more")
	case n > float64(f.size):
		return f.newError(conf, "the step is longer than the field")
	}
	return nil
}

// replaceNames puts numbers in place of names, from first on.
func replaceNames(conf string, first int, names ...string) string {
	for i, name := range names {
		conf = regexp.MustCompile("(?i)"+name).ReplaceAllString(conf, fmt.Sprint(first+i))
	}
	return conf
}

// checkDate does what croner's parseISOLocal does: it wants six numbers that are a date.
func checkDate(s string) error {
	wrong := fmt.Errorf("%q is taken for a date, for it has a colon, and is none", s)
	parts := regexp.MustCompile(`\D`).Split(s, -1)
	if len(parts) < 6 {
		return wrong
	}
	var n [6]int
	for i := range n {
		x := parseInt(parts[i])
		if math.IsNaN(x) || x > 1e6 {
			return wrong
		}
		n[i] = int(x)
	}
	d := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC)
	if d.Year() != n[0] || int(d.Month()) != n[1] || d.Day() != n[2] || d.Hour() != n[3] || d.Minute() != n[4] || d.Second() != n[5] {
		return wrong
	}
	return nil
}
