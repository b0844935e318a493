package redact

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// partsOf are the parts of a value that would be recognised elsewhere: the whole, the
// lines of a long one, the passwords of its URLs, and what a list, JSON or base64 holds.
func partsOf(value string, least int) []string {
	value = strings.TrimSpace(value)
	if trivial(value) && (least == minKnown || commonWord(value) && !(len(value) >= minWord && !slices.Contains(usualWords, value))) {
		return nil
	}
	var parts []string
	passwords := urlParts(value)
	if inner := passwords; inner != nil || strings.Contains(value, "://") {
		parts = inner
		if len(inner) > 0 {
			parts = append(parts, value)
		}
	} else {
		parts = append(parts, value)
		for _, x := range named(value) { // Server=..;Password=..
			if part := strings.Trim(value[x.from:x.to], `"' `); !commonWord(part) {
				parts, passwords = append(parts, part), append(passwords, part)
			}
		}
		parts = append(parts, itemsOf(value)...)
	}
	if strings.ContainsAny(value, "\n") || strings.Contains(value, `\n`) {
		for line := range strings.SplitSeq(strings.ReplaceAll(value, `\n`, "\n"), "\n") {
			if line = strings.TrimSpace(line); len(line) >= 16 && !strings.HasPrefix(line, "-----") {
				parts = append(parts, line)
			}
		}
	}
	return slices.DeleteFunc(parts, func(p string) bool {
		return len(p) < least && !(len(p) >= minSecret && !commonWord(p) && slices.Contains(passwords, p))
	})
}

// itemsOf are the items of a value of several: the texts in JSON, also in base64, and the
// items of a list (a,b) with what stands behind a colon in each (user:password).
func itemsOf(value string) []string {
	if plain, ok := decoded(value); ok {
		return partsOf(plain, minKnown)
	}
	if tree, ok := inBrackets(value); ok {
		return leaves("", tree)
	}
	var out []string
	for item := range strings.FieldsFuncSeq(value, func(c rune) bool { return strings.ContainsRune(",;|\n", c) }) {
		if item = strings.TrimSpace(item); trivial(item) {
			continue
		}
		if _, behind, ok := strings.Cut(item, ":"); ok && !strings.HasPrefix(behind, "//") {
			if behind = strings.TrimSpace(behind); len(behind) >= minKnown && !trivial(behind) {
				out = append(out, behind)
			}
		}
		if len(item) >= minKnown && len(item) < len(value) {
			out = append(out, item)
		}
	}
	return out
}

// inBrackets decodes a value that is an object or a list of JSON.
func inBrackets(value string) (tree any, ok bool) {
	if !strings.HasPrefix(value, "{") && !strings.HasPrefix(value, "[") {
		return nil, false
	}
	return tree, json.Unmarshal([]byte(value), &tree) == nil
}

// leaves are the secrets among the texts in a tree.
func leaves(key string, v any) (out []string) {
	switch v := v.(type) {
	case string:
		if Secret(key) {
			return partsOf(v, minSecret)
		}
		return partsOf(v, minKnown)
	case []any:
		for _, x := range v {
			out = append(out, leaves(key, x)...)
		}
	case map[string]any:
		for name, x := range v {
			out = append(out, leaves(name, x)...)
		}
	}
	return out
}

// decoded is the printable text that a value is the base64 of. It is shorter than the
// value, so it can be taken apart in turn.
func decoded(value string) (plain string, ok bool) {
	if len(value) < 12 || !base64Form.MatchString(value) {
		return "", false
	}
	text, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(value), "="))
	if err != nil {
		return "", false
	}
	plain = string(text)
	odd := strings.ContainsFunc(plain, func(c rune) bool {
		return c == unicode.ReplacementChar || !unicode.IsPrint(c) && c != '\n' && c != '\t' && c != '\r'
	})
	return plain, !odd
}

var base64Form = regexp.MustCompile(`^[A-Za-z0-9+/_-]+={0,2}$`)

// shellWords are the words of a command line as a shell takes them, without their quotes.
func shellWords(line string) []string {
	var out []string
	for _, m := range shellWord.FindAllString(line, -1) {
		out = append(out, strings.NewReplacer(`"`, "", `'`, "").Replace(m))
	}
	return out
}

var shellWord = regexp.MustCompile(`(?:[^\s"']|"(?:[^"\\]|\\.)*"|'[^']*'|["'])+`)
