package ecosystem

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// read checks a value against the setting and makes of it what PM2 makes of it
// (Config._valid, lib/tools/Config.js:150); wrong is PM2's complaint.
func (s Setting) read(key string, v Value, t Target) (_ Value, wrong string) {
	kind := v.Class()
	if kind != "Boolean" && slices.Contains(s.Types, Number) && !math.IsNaN(v.number()) {
		v = Value{Kind: Number, Num: parseFloat(v.text())}
		kind = "Number"
	}
	if !slices.Contains(s.classes(), kind) {
		return v, fmt.Sprintf(`Expect "%s" to be a typeof %s, but now is [object %s]`, key, s.typeNames(), kind)
	}
	if v.Is(String) && s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(v.Text) {
		return v, fmt.Sprintf(`Verify "%s" with regex failed`, key)
	}
	if v.Is(Number) && s.Min != nil && v.Num < *s.Min {
		return v, fmt.Sprintf(`The minimum of "%s" is %s, but now is %s`, key, FormatNumber(*s.Min), FormatNumber(v.Num))
	}
	if len(s.Types) > 1 && s.Types[0] == Array && v.Is(String) {
		v = Value{Kind: Array, Items: split(v.Text, t)}
	}
	if s.Unit != "" && v.Is(String) && len(v.Text) >= 2 {
		v = Value{Kind: Number, Num: inUnit(v.Text, s.Unit)}
	}
	return v, ""
}

func (s Setting) classes() []string {
	out := make([]string, len(s.Types))
	for i, k := range s.Types {
		out[i] = Value{Kind: k}.Class()
	}
	return out
}

func (s Setting) typeNames() string {
	out := s.classes()
	for i := range out {
		out[i] = "[object " + out[i] + "]"
	}
	return strings.Join(out, " / ")
}

// inUnit is a number with a letter at its end; NaN if the letter is none.
func inUnit(s, unit string) float64 {
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

// split cuts a string into arguments, as PM2 does where a list is wanted. From 7.0
// on a quoted argument loses its quotes, and one of the form name="..." keeps them;
// before, the pieces between were kept as they fell (Config.js:199).
func split(s string, t Target) []Value {
	var parts []string
	if t.PM2AtLeast("7.0.0") {
		parts = argument.FindAllString(s, -1)
		for i, p := range parts {
			if p[0] == p[len(p)-1] && (p[0] == '"' || p[0] == '\'') {
				parts[i] = p[min(1, len(p)-1):max(1, len(p)-1)]
			}
		}
	} else {
		parts = pieces(s)
	}
	var out []Value
	for _, p := range parts {
		if trim(p) != "" {
			out = append(out, Value{Kind: String, Text: p})
		}
	}
	return out
}

var (
	argument = regexp.MustCompile(`[^\s"'=]+="[^"]*"|[^\s"'=]+='[^']*'|"[^"]*"|'[^']*'|\S+`)
	between  = regexp.MustCompile(`([\w\-]+="[^"]*")|([\w\-]+='[^']*')|"([^"]*)"|'([^']*)'|\s`)
)

// pieces is JavaScript's s.split(between): what lies between the matches, and the
// groups of each.
func pieces(s string) []string {
	var out []string
	at := 0
	for _, m := range between.FindAllStringSubmatchIndex(s, -1) {
		out = append(out, s[at:m[0]])
		for g := 2; g < len(m); g += 2 {
			if m[g] >= 0 {
				out = append(out, s[m[g]:m[g+1]])
			}
		}
		at = m[1]
	}
	return append(out, s[at:])
}
