package lint

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func k002() Rule {
	return Rule{
		ID: "K002", Severity: Error,
		Title:  "a value that PM2 refuses",
		Why:    "One value of the wrong kind in one app keeps every app of the file from being started, restarted or reloaded. PM2 checks the whole file before it does anything.",
		Fix:    "Write the value in the form that PM2 takes.",
		Source: "lib/tools/Config.js:150, lib/Common.js:880",
		Apps: func(a App) []Finding {
			if a.Rejected == nil || a.Rejected.Threw {
				return nil
			}
			var out []Finding
			for i, key := range a.Rejected.Keys {
				f := a.report(key, "PM2 refuses the file: %s.", a.Rejected.Errors[i])
				if form := describeAccepted(key); form != "" {
					f = f.setFix("Write %s: %s.", a.findSpelling(key), form)
				}
				if better := repairValue(key, a.getRaw(key)); better != "" {
					f = f.setFix("Write %s: %s.", a.findSpelling(key), better).setEdit(Edit{Set: better})
				}
				out = append(out, f)
			}
			return out
		},
	}
}

// describeAccepted says what PM2 takes for a key, "" where it does not know the key.
func describeAccepted(key string) string {
	s, ok := ecosystem.SettingOf(key)
	switch {
	case !ok:
		return ""
	case s.Key == "exec_mode":
		return "'cluster' or 'fork'"
	case s.Key == "cron_restart":
		return "five fields, of minute, hour, day, month and weekday, such as '0 4 * * *'"
	case s.Key == "instances":
		return "a number of workers, or 'max' for one a core"
	case s.Unit == "sbyte":
		return "bytes as a number, or a text with K, M or G, such as '200M'"
	case s.Unit == "stime":
		return "milliseconds as a number, 100 or more, or a text with s, m or h, such as '10s'"
	}
	var forms []string
	for _, kind := range s.Types {
		forms = append(forms, map[ecosystem.Kind]string{
			ecosystem.Bool: "true or false", ecosystem.Number: describeNumbers(s), ecosystem.String: "a text", ecosystem.Array: "a list", ecosystem.Object: "an object",
		}[kind])
	}
	last := len(forms) - 1
	if last == 0 {
		return forms[0]
	}
	return strings.Join(forms[:last], ", ") + " or " + forms[last]
}

// describeNumbers says which numbers PM2 takes for a setting.
func describeNumbers(s ecosystem.Setting) string {
	if s.Min != nil {
		return fmt.Sprintf("a number, %v or more", *s.Min)
	}
	return "a number, such as 5000"
}

var quantity = regexp.MustCompile(`(?i)^\s*(\d+(?:\.\d+)?)\s*(ms|s|sec|m|min|h|k|kb|kib|m|mb|mib|g|gb|gib)\s*$`)

// repairValue returns the value as it was surely meant, "" if that is not sure.
func repairValue(key string, v ecosystem.Value) string {
	s, ok := ecosystem.SettingOf(key)
	if !ok || !v.Is(ecosystem.String) {
		return ""
	}
	if s.Types[0] == ecosystem.Bool && (v.Text == "true" || v.Text == "false") {
		return v.Text
	}
	m := quantity.FindStringSubmatch(v.Text)
	if m == nil {
		return ""
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return ""
	}
	switch {
	case s.Unit == "sbyte":
		return formatMemory(n, m[2])
	case s.Types[0] == ecosystem.Number:
		return formatMilliseconds(n, m[2])
	}
	return ""
}

func formatMemory(n float64, unit string) string {
	bytes := map[byte]float64{'k': 1 << 10, 'K': 1 << 10, 'm': 1 << 20, 'M': 1 << 20, 'g': 1 << 30, 'G': 1 << 30}[unit[0]] * n
	if size := formatSize(bytes); size != "" {
		return strconv.Quote(size)
	}
	return ""
}

// formatSize returns a number of bytes as PM2 takes it with a letter: 1536M. It is ""
// where that would be no whole number.
func formatSize(bytes float64) string {
	for _, u := range []struct {
		letter string
		size   float64
	}{{"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}} {
		if whole := bytes / u.size; whole >= 1 && whole == math.Trunc(whole) {
			return fmt.Sprintf("%.0f%s", whole, u.letter)
		}
	}
	return ""
}

func formatMilliseconds(n float64, unit string) string {
	factor := map[string]float64{"ms": 1, "s": 1e3, "sec": 1e3, "m": 60e3, "min": 60e3, "h": 3600e3}[unit]
	if ms := n * factor; ms > 0 && ms == math.Trunc(ms) {
		return fmt.Sprintf("%.0f", ms)
	}
	return ""
}
