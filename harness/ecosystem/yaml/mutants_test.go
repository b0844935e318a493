package yaml_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestDaemonMutantsMeanWhatTheyMeanToPM2 compares forms that were changed by chance, and
// says how many of them are unsupported.
func TestDaemonMutantsMeanWhatTheyMeanToPM2(t *testing.T) {
	o := newOracle(t)
	n, seed := 4000, 1
	for name, v := range map[string]*int{"PM2DRILL_MUTANTS": &n, "PM2DRILL_SEED": &seed} {
		if set, err := strconv.Atoi(os.Getenv(name)); err == nil {
			*v = set
		}
	}
	all := forms()
	r := rand.New(rand.NewPCG(uint64(seed), 2))
	unsupported, refused, wrongs := 0, 0, 0
	for i := range n {
		f := all[r.IntN(len(all))]
		text := mutated(f.text, all[r.IntN(len(all))].text, r)
		wrong, got := o.verdict(t, text)
		if wrong != "" {
			if wrongs++; wrongs <= 40 {
				t.Errorf("mutant %d of %s: %.300s\n%.300q", i, f.name, wrong, text)
			}
		}
		if got.Unsupported != "" {
			unsupported++
		}
		if got.Failure != nil {
			refused++
		}
	}
	t.Logf("%d mutants on PM2 %s: %d unsupported, %d refused by both, %d disagreements", n, o.pm2, unsupported, refused, wrongs)
}

// mutated changes one to three places of a text; other is one to take lines from.
func mutated(text, other string, r *rand.Rand) string {
	for range 1 + r.IntN(3) {
		lines := strings.SplitAfter(text, "\n")
		if r.IntN(2) == 0 {
			text = strings.Join(changedLines(lines, strings.SplitAfter(other, "\n"), r), "")
		} else {
			text = changedPlace(text, r)
		}
	}
	return text
}

// changedLines takes a line away, doubles it, indents it otherwise, joins it with the next,
// or puts another in.
func changedLines(lines, others []string, r *rand.Rand) []string {
	i := r.IntN(len(lines))
	line := lines[i]
	switch r.IntN(7) {
	case 0:
		line = ""
	case 1:
		line += line
	case 2:
		line = strings.Repeat(" ", 1+r.IntN(3)) + line
	case 3:
		line = strings.TrimPrefix(line, strings.Repeat(" ", 1+r.IntN(2)))
	case 4:
		line = strings.TrimSuffix(line, "\n")
	case 5:
		line += others[r.IntN(len(others))]
	case 6:
		line = others[r.IntN(len(others))] + line
	}
	lines[i] = line
	return lines
}

// signs are what YAML has a meaning for, and some that it has not.
var signs = []string{":", ": ", " :", "-", "- ", "? ", "?", ",", "[", "]", "{", "}", "#", " #", "&a", "&a ", "*a", "!", "!!str ", "|", ">", "|-", ">+\n", "'", "\"", "%", "@", "`", "\\",
	"\t", " ", "  ", "\n", "\n\n", "\r\n", "---\n", "...\n", "--- ", "~", "<<: ", "<<: *a\n", "0", "-1", "0x1", "1e3", ".inf", "null", "true", "a", "é", "=", "\"a\": ", "[a]", "{a: b}", "a: b\n", "- a\n", "\n  "}

// changedPlace takes a character away, doubles it, or puts a sign before it or in its place.
func changedPlace(text string, r *rand.Rand) string {
	runes := []rune(text)
	if len(runes) == 0 {
		return signs[r.IntN(len(signs))]
	}
	i := r.IntN(len(runes))
	before, at, after := string(runes[:i]), string(runes[i]), string(runes[i+1:])
	switch r.IntN(4) {
	case 0:
		at = ""
	case 1:
		at += at
	case 2:
		at = signs[r.IntN(len(signs))] + at
	case 3:
		at = signs[r.IntN(len(signs))]
	}
	return before + at + after
}
