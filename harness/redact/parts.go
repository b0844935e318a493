package redact

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// splitParts returns the parts of a value that would be recognised elsewhere: the whole,
// the lines of a long one, the passwords of its URLs, and what a list, JSON or base64
// holds.
func splitParts(value string, least int) []string {
	value = strings.TrimSpace(value)
	if isTrivial(value) && (least == minKnown || isCommonWord(value) && !(len(value) >= minWord && !slices.Contains(usualWords, value))) {
		return nil
	}
	var parts []string
	passwords := listURLSecrets(value)
	if inner := passwords; inner != nil || strings.Contains(value, "://") {
		parts = inner
		if len(inner) > 0 {
			parts = append(parts, value)
		}
	} else {
		parts = append(parts, value)
		for _, x := range findNamed(value) { // Server=..;Password=..
			if part := strings.Trim(value[x.from:x.to], `"' `); !isCommonWord(part) {
				parts, passwords = append(parts, part), append(passwords, part)
			}
		}
		parts = append(parts, splitItems(value)...)
	}
	if strings.ContainsAny(value, "\n") || strings.Contains(value, `\n`) {
		for line := range strings.SplitSeq(strings.ReplaceAll(value, `\n`, "\n"), "\n") {
			if line = strings.TrimSpace(line); len(line) >= 16 && !strings.HasPrefix(line, "-----") {
				parts = append(parts, line)
			}
		}
	}
	return slices.DeleteFunc(parts, func(p string) bool {
		return len(p) < least && !(len(p) >= minSecret && !isCommonWord(p) && slices.Contains(passwords, p))
	})
}

// splitItems returns the items of a value of several: the texts in JSON, also in base64,
// and the items of a list (a,b) with what is behind a colon in each (user:password).
func splitItems(value string) []string {
	if plain, ok := decodeBase64(value); ok {
		return splitParts(plain, minKnown)
	}
	if tree, ok := parseBrackets(value); ok {
		return findLeaves("", tree)
	}
	var out []string
	for item := range strings.FieldsFuncSeq(value, func(c rune) bool { return strings.ContainsRune(",;|\n", c) }) {
		if item = strings.TrimSpace(item); isTrivial(item) {
			continue
		}
		if _, behind, ok := strings.Cut(item, ":"); ok && !strings.HasPrefix(behind, "//") {
			if behind = strings.TrimSpace(behind); len(behind) >= minKnown && !isTrivial(behind) {
				out = append(out, behind)
			}
		}
		if len(item) >= minKnown && len(item) < len(value) {
			out = append(out, item)
		}
	}
	return out
}

// parseBrackets decodes a value that is an object or a list of JSON.
func parseBrackets(value string) (tree any, ok bool) {
	if !strings.HasPrefix(value, "{") && !strings.HasPrefix(value, "[") {
		return nil, false
	}
	return tree, json.Unmarshal([]byte(value), &tree) == nil
}

// findLeaves returns the secrets among the texts in a tree.
func findLeaves(key string, v any) (out []string) {
	switch v := v.(type) {
	case string:
		if Secret(key) {
			return splitParts(v, minSecret)
		}
		return splitParts(v, minKnown)
	case []any:
		for _, x := range v {
			out = append(out, findLeaves(key, x)...)
		}
	case map[string]any:
		for name, x := range v {
			out = append(out, findLeaves(name, x)...)
		}
	}
	return out
}

// decodeBase64 returns the printable text that a value is the base64 of. It is shorter
// than the value, so it can be taken apart in turn.
func decodeBase64(value string) (plain string, ok bool) {
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

// splitShellWords returns the words of a command line as a shell takes them, without
// their quotes.
func splitShellWords(line string) []string {
	var out []string
	for _, m := range shellWord.FindAllString(line, -1) {
		out = append(out, strings.NewReplacer(`"`, "", `'`, "").Replace(m))
	}
	return out
}

var shellWord = regexp.MustCompile(`(?:[^\s"']|"(?:[^"\\]|\\.)*"|'[^']*'|["'])+`)
