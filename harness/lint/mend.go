package lint

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// Mend makes the changes that the findings are sure of, as far as the text shows
// where: a key that stands alone on its place with a value that can be told from what
// follows. What is not sure is left. n is how many findings were mended.
func Mend(s *Subject, all []Finding) (after []byte, n int) {
	lines := strings.Split(string(s.Source), "\n")
	// From the end on, so that places stay true.
	todo := slices.Clone(all)
	slices.SortStableFunc(todo, func(a, b Finding) int { return cmp.Or(b.Line-a.Line, b.Col-a.Col) })
	touched := map[[2]int]bool{}
	for _, f := range todo {
		place := [2]int{f.Line, f.Col}
		if f.Edit == nil || f.Line < 1 || f.Line > len(lines) || touched[place] {
			continue
		}
		if text, ok := f.Edit.apply(lines[f.Line-1], f, s.Dialect); ok {
			lines[f.Line-1] = text
			touched[place] = true
			n++
		}
	}
	lines = slices.DeleteFunc(lines, func(s string) bool { return s == gone })
	return []byte(strings.Join(lines, "\n")), n
}

// remark is a comment at the end of a line: it goes with the property before it.
var remark = regexp.MustCompile(`^(//|#).*`)

// gone stands for a line that is taken away: no text of a file's has it.
const gone = "\n"

// apply changes one line, if the whole property stands on it.
func (e Edit) apply(line string, f Finding, dialect ecosystem.Dialect) (string, bool) {
	at := f.Col - 1
	if at < 0 || at+f.Width > len(line) {
		return "", false
	}
	key := line[at : at+f.Width]
	bare := strings.Trim(key, `"'`)
	if bare != f.Key[strings.LastIndex(f.Key, ".")+1:] {
		return "", false
	}
	head, rest := line[:at], line[at+f.Width:]
	colon := strings.Index(rest, ":")
	if colon < 0 || strings.TrimSpace(rest[:colon]) != "" {
		return "", false
	}
	value, tail, ok := cutValue(rest[colon+1:], dialect)
	switch {
	case !ok:
		return "", false
	case e.Rename != "":
		return head + strings.Replace(key, bare, e.Rename, 1) + rest, true
	case e.Set != "":
		return head + key + rest[:colon+1] + " " + e.Set + tail, true
	case len(e.Add) > 0:
		return e.addProperties(line, head, key, rest[:colon+1]+value, tail, dialect)
	case e.Remove && strings.TrimSpace(head) == "" && remark.ReplaceAllString(strings.Trim(tail, " ,\t\r"), "") == "":
		return gone, true
	}
	return "", false
}

// addProperties puts properties behind this one: each on a line of its own where this one begins
// its line, also behind the dash of a list in YAML, and on the same line where it stands behind
// others or the brace. It returns false if it finds neither.
func (e Edit) addProperties(line, head, key, middle, tail string, dialect ecosystem.Dialect) (string, bool) {
	quote, end, before := "", ",", "\n"+head
	switch left := strings.TrimSpace(head); {
	case left == "":
	case dialect == ecosystem.YAML && left == "-":
		before = "\n" + strings.Replace(head, "-", " ", 1)
	case dialect != ecosystem.YAML && (strings.HasSuffix(left, "{") || strings.HasSuffix(left, ",")):
		before = " "
	default:
		return "", false
	}
	switch {
	case dialect == ecosystem.YAML:
		end = ""
	case strings.HasPrefix(key, `"`) || strings.HasPrefix(key, "'"):
		quote = key[:1]
	}
	out := head + key + middle
	comma := strings.HasPrefix(strings.TrimSpace(tail), ",")
	for _, p := range e.Add {
		value := p.Value
		if dialect == ecosystem.YAML {
			value = strings.Trim(value, `"`)
		}
		out += fmt.Sprintf("%s%s%s%s%s: %s", end, before, quote, p.Key, quote, value)
	}
	if comma {
		return out + tail, true
	}
	return out + tail, line != out
}

// cutValue cuts a value off what follows it on the line: a number, a word or a quoted
// text without an escape in it.
func cutValue(s string, dialect ecosystem.Dialect) (value, tail string, ok bool) {
	trimmed := strings.TrimLeft(s, " \t")
	lead := s[:len(s)-len(trimmed)]
	if trimmed == "" {
		return "", "", false
	}
	if q := trimmed[0]; q == '"' || q == '\'' {
		end := strings.IndexByte(trimmed[1:], q)
		if end < 0 || strings.Contains(trimmed[1:end+1], `\`) {
			return "", "", false
		}
		return lead + trimmed[:end+2], trimmed[end+2:], true
	}
	end := strings.IndexAny(trimmed, ",}#/ \t\r")
	if dialect == ecosystem.YAML {
		end = strings.Index(trimmed, " #")
	}
	if end < 0 {
		end = len(trimmed)
	}
	word := trimmed[:end]
	if strings.ContainsAny(word, "([{`+*?") || word == "" || word == "-" {
		return "", "", false
	}
	return lead + word, trimmed[end:], true
}

// Diff is the change of a file as `diff -u -U0` shows it, for reading: without lines around,
// which might have secrets in them, and with what may be a secret in a changed line masked.
func Diff(path string, before, after []byte) (string, error) {
	diff, err := formatUnifiedDiff(path, path, before, after, 0)
	const header = 2 // lines with the path
	lines := strings.Split(diff, "\n")
	for i, line := range lines {
		if i >= header && line != "" {
			lines[i] = line[:1] + redact.Masked(line[1:])
		}
	}
	return strings.Join(lines, "\n"), err
}

// Patch is the change of a file as `git diff` shows it, with so many lines around each
// change. path is relative to the folder in which `git apply` is to be run, with slashes.
func Patch(path string, before, after []byte, around int) (string, error) {
	return formatUnifiedDiff("a/"+path, "b/"+path, before, after, around)
}

func formatUnifiedDiff(from, to string, before, after []byte, around int) (string, error) {
	out, err := udiff.ToUnified(from, to, string(before), udiff.Lines(string(before), string(after)), around)
	if err != nil {
		return "", fmt.Errorf("cannot compare %s with %s: %w", from, to, err)
	}
	return out, nil
}
