package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// listForms returns a value as it is, in JSON, in URLs, in HTML, in hexadecimal digits
// and in base64 wherever in a longer text it begins.
func listForms(v string) []string {
	if len(v) > maxKnown {
		v = v[:maxKnown]
	}
	query := url.QueryEscape(v)
	percent := strings.ReplaceAll(query, "+", "%20")
	js := percent // encodeURIComponent
	for _, c := range []string{"!", "'", "(", ")", "*"} {
		js = strings.ReplaceAll(js, url.QueryEscape(c), c)
	}
	once := encodeJSON(v)
	forms := []string{
		v, once, encodeJSON(once), query, percent, js, url.PathEscape(v), strings.ToLower(percent), html.EscapeString(v),
		strings.ReplaceAll(v, "'", `\'`), strings.ReplaceAll(v, "'", `'\''`), strings.ReplaceAll(v, "/", `\/`),
		strings.ReplaceAll(v, "\n", ""), hex.EncodeToString([]byte(v)), strings.ToUpper(hex.EncodeToString([]byte(v))),
		strings.ReplaceAll(v, "\n", `\n`), url.QueryEscape(query), url.QueryEscape(percent), url.QueryEscape(js), fmt.Sprintf("% x", v),
	}
	if plain, err := url.QueryUnescape(v); err == nil {
		forms = append(forms, plain)
	}
	if plain, err := url.PathUnescape(v); err == nil {
		forms = append(forms, plain)
	}
	for shift := range 3 {
		forms = append(forms, encodeBase64(v, shift, base64.RawStdEncoding), encodeBase64(v, shift, base64.RawURLEncoding))
	}
	if masked := runsOfDigits.ReplaceAllString(v, "N"); masked != v && !isTrivial(masked) { // as the engine compares lines
		forms = append(forms, masked)
	}
	return slices.DeleteFunc(forms, func(f string) bool {
		return len(f) < min(minForm, len(v)) || len(f) < minSecret || strings.Contains(Mark, f) || f != v && isTrivial(f)
	})
}

var runsOfDigits = regexp.MustCompile(`\d+`)

func encodeJSON(v string) string {
	text, err := json.Marshal(v)
	if err != nil {
		return v
	}
	return string(text[1 : len(text)-1])
}

// encodeBase64 returns that part of the base64 of a text with v in it, shift bytes after
// a boundary of three, that v alone decides.
func encodeBase64(v string, shift int, enc *base64.Encoding) string {
	text := enc.EncodeToString(append(make([]byte, shift), v...))
	from := (shift*8 + 5) / 6
	to := (shift + len(v)) * 8 / 6
	if from >= to || to-from < 6 {
		return ""
	}
	return text[from:to]
}
