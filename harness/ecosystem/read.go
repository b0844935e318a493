package ecosystem

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// read checks a value against the setting and makes of it what PM2 makes of it
// (Config._valid, lib/tools/Config.js:150); wrong is PM2's complaint.
func (s Setting) read(key string, v Value, t Target) (_ Value, wrong string) {
	kind := v.Class()
	if kind != "Boolean" && slices.Contains(s.Types, Number) && !math.IsNaN(v.convertToNumber()) {
		v = Value{Kind: Number, Num: parseFloat(v.convertToText())}
		kind = "Number"
	}
	if !slices.Contains(s.listClasses(), kind) {
		return v, fmt.Sprintf(`Expect "%s" to be a typeof %s, but now is [object %s]`, key, s.formatTypes(), kind)
	}
	if v.Is(String) && s.pattern != nil && !s.pattern.MatchString(v.Text) {
		return v, fmt.Sprintf(`Verify "%s" with regex failed`, key)
	}
	if v.Is(Number) && s.Min != nil && v.Num < *s.Min {
		return v, fmt.Sprintf(`The minimum of "%s" is %s, but now is %s`, key, FormatNumber(*s.Min), FormatNumber(v.Num))
	}
	if len(s.Types) > 1 && s.Types[0] == Array && v.Is(String) {
		v = Value{Kind: Array, Items: splitList(v.Text, t)}
	}
	if s.Unit != "" && v.Is(String) && len(v.Text) >= 2 {
		v = Value{Kind: Number, Num: parseWithUnit(v.Text, s.Unit)}
	}
	return v, ""
}

func (s Setting) listClasses() []string {
	out := make([]string, len(s.Types))
	for i, k := range s.Types {
		out[i] = Value{Kind: k}.Class()
	}
	return out
}

func (s Setting) formatTypes() string {
	out := s.listClasses()
	for i := range out {
		out[i] = "[object " + out[i] + "]"
	}
	return strings.Join(out, " / ")
}

// parseWithUnit returns a number with a letter at its end in the setting's unit; NaN if
// the letter is none.
func parseWithUnit(s, unit string) float64 {
	factors := map[string]map[byte]float64{
		"sbyte": {'G': 1 << 30, 'M': 1 << 20, 'K': 1 << 10},
		"stime": {'h': 3600e3, 'm': 60e3, 's': 1e3},
	}
	factor, ok := factors[unit][s[len(s)-1]]
	if !ok {
		return math.NaN()
	}
	return parseFloat(s[:len(s)-1]) * factor
}
