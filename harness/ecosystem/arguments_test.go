package ecosystem

import (
	"slices"
	"testing"
)

// TestSplit has what PM2 7.0.4 and 6.0.14 make of a string of arguments, read off
// their own Config._valid.
func TestSplit(t *testing.T) {
	for s, want := range map[string][2][]string{
		``:                      {nil, nil},
		` a  b `:                {{"a", "b"}, {"a", "b"}},
		`-a "b c" 'd e'`:        {{"-a", "b c", "d e"}, {"-a", "b c", "d e"}},
		`--d='e f' k="l m"n`:    {{"--d='e f'", `k="l m"`, "n"}, {"--d='e f'", `k="l m"`, "n"}},
		`x.y="a b"`:             {{`x.y="a b"`}, {"x.", `y="a b"`}},
		`a"b c"`:                {{`a"b`, `c"`}, {"a", "b c"}},
		`"a b`:                  {{`"a`, "b"}, {`"a`, "b"}},
		`k="a b`:                {{`k="a`, "b"}, {`k="a`, "b"}},
		`""" "`:                 {nil, nil},
		"a\u00a0b":              {{"a", "b"}, {"a", "b"}},
		"--title=é \"\ufeffx\"": {{"--title=é", "\ufeffx"}, {"--title=é", "\ufeffx"}},
	} {
		for i, version := range []string{"7.0.4", "6.0.14"} {
			var got []string
			for _, v := range splitList(s, Target{PM2: version}) {
				got = append(got, v.Text)
			}
			if !slices.Equal(got, want[i]) {
				t.Errorf("%q on PM2 %s: %q, want %q", s, version, got, want[i])
			}
		}
	}
}
