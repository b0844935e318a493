package ecosystem

import (
	"math"
	"strconv"
	"strings"
)

// convertToNumber returns JavaScript's Number(v).
func (v Value) convertToNumber() float64 {
	switch v.getKind() {
	case Null:
		return 0
	case Bool:
		if v.True {
			return 1
		}
		return 0
	case Number:
		return v.Num
	case String:
		return parseNumber(v.Text)
	case Array:
		return parseNumber(v.convertToText())
	case Other:
		if v.Text == "Date" {
			return 1 // some number: nothing here asks which
		}
	}
	return math.NaN()
}

// parseNumber returns JavaScript's Number(string).
func parseNumber(s string) float64 {
	s = trimSpace(s)
	switch s {
	case "":
		return 0
	case "Infinity", "+Infinity":
		return math.Inf(1)
	case "-Infinity":
		return math.Inf(-1)
	}
	if len(s) > 2 && s[0] == '0' {
		base := map[byte]int{'x': 16, 'X': 16, 'o': 8, 'O': 8, 'b': 2, 'B': 2}[s[1]]
		if base != 0 {
			if n, err := strconv.ParseUint(s[2:], base, 64); err == nil && !strings.Contains(s, "_") {
				return float64(n)
			}
			return math.NaN()
		}
	}
	if strings.Trim(s, "0123456789+-.eE") != "" {
		return math.NaN()
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(n, 0) {
		return math.NaN()
	}
	return n
}

// trimSpace takes away what JavaScript calls white space.
func trimSpace(s string) string { return strings.Trim(s, spaces) }

// parseInt returns JavaScript's parseInt(s) of a string in base ten or, after 0x,
// sixteen.
func parseInt(s string) float64 {
	s = trimSpace(s)
	sign := 1.0
	if s != "" && (s[0] == '+' || s[0] == '-') {
		if s[0] == '-' {
			sign = -1
		}
		s = s[1:]
	}
	base := 10
	if len(s) > 1 && (s[:2] == "0x" || s[:2] == "0X") {
		s, base = s[2:], 16
	}
	end := 0
	for end < len(s) {
		if _, err := strconv.ParseUint(s[end:end+1], base, 8); err != nil {
			break
		}
		end++
	}
	if end == 0 {
		return math.NaN()
	}
	n := 0.0
	for _, c := range []byte(s[:end]) {
		d, _ := strconv.ParseUint(string(c), base, 8)
		n = n*float64(base) + float64(d)
	}
	return sign * n
}

// parseFloat returns JavaScript's parseFloat(s).
func parseFloat(s string) float64 {
	s = trimSpace(s)
	for _, x := range []struct {
		word string
		n    float64
	}{{"Infinity", math.Inf(1)}, {"+Infinity", math.Inf(1)}, {"-Infinity", math.Inf(-1)}} {
		if strings.HasPrefix(s, x.word) {
			return x.n
		}
	}
	end := measureFloat(s)
	n, err := strconv.ParseFloat(s[:end], 64)
	if err != nil && !math.IsInf(n, 0) {
		return math.NaN()
	}
	return n
}

// measureFloat returns how many bytes at the beginning of s are a decimal number.
func measureFloat(s string) int {
	digits := func(i int) int {
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i
	}
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	end := digits(i)
	some := end > i
	if end < len(s) && s[end] == '.' {
		after := digits(end + 1)
		some = some || after > end+1
		end = after
	}
	if !some {
		return 0
	}
	if end < len(s) && (s[end] == 'e' || s[end] == 'E') {
		at := end + 1
		if at < len(s) && (s[at] == '+' || s[at] == '-') {
			at++
		}
		if after := digits(at); after > at {
			end = after
		}
	}
	return end
}

// convertToText returns JavaScript's String(v).
func (v Value) convertToText() string {
	switch v.getKind() {
	case Bool:
		return strconv.FormatBool(v.True)
	case Number:
		return FormatNumber(v.Num)
	case String, Other:
		return v.Text
	case Array:
		parts := make([]string, len(v.Items))
		for i, x := range v.Items {
			if !x.Missing() {
				parts[i] = x.convertToText()
			}
		}
		return strings.Join(parts, ",")
	case Object, Circular:
		return "[object Object]"
	}
	return string(v.getKind())
}

// String is String(v), for messages of PM2's.
func (v Value) String() string { return v.convertToText() }

// isLoosely reports JavaScript's v == s.
func (v Value) isLoosely(s string) bool {
	switch v.getKind() {
	case String:
		return v.Text == s
	case Array, Object:
		return v.convertToText() == s
	case Number, Bool:
		return v.convertToNumber() == parseNumber(s)
	}
	return false
}

// isLooselyZero reports JavaScript's v == 0, which is also v == false.
func (v Value) isLooselyZero() bool { return !v.Missing() && v.convertToNumber() == 0 }
