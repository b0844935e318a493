package yaml

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// mergeKey is the plain scalar that stands for a merge where it is a key.
const mergeKey = "<<"

// readScalar returns the value of a scalar node under its tag, "" for none.
func (r *reader) readScalar(n *yaml.Node, tag string) (ecosystem.Value, error) {
	text := ecosystem.Value{Kind: ecosystem.String, Text: n.Value}
	empty := n.Value == "" && n.Style&quoted == 0
	switch {
	case tag == "" && n.Style&quoted != 0, tag == "!" && !empty:
		return text, nil
	case tag == "":
		return r.readPlain(n.Value), nil
	case empty:
		return convertEmpty(n, tag)
	case tag == "!!str":
		return text, nil
	}
	v, ok := r.parseAs(n.Value, tag)
	if !ok {
		return v, refuse(n, "the tag %s does not fit this value", tag)
	}
	return v, nil
}

// convertEmpty returns what a tag makes of nothing.
func convertEmpty(n *yaml.Node, tag string) (ecosystem.Value, error) {
	switch tag {
	case "!", "!!null":
		return ecosystem.Value{Kind: ecosystem.Null}, nil
	case "!!str":
		return ecosystem.Value{Kind: ecosystem.String}, nil
	case "!!map", "!!set":
		return ecosystem.Value{Kind: ecosystem.Object}, nil
	case "!!seq", "!!omap", "!!pairs":
		return ecosystem.Value{Kind: ecosystem.Array}, nil
	}
	return ecosystem.Value{}, refuse(n, "the tag %s does not fit an empty value", tag)
}

// readPlain returns the value of a plain scalar: that of the first type that fits, or its
// text.
func (r *reader) readPlain(s string) ecosystem.Value {
	if s == "" {
		return ecosystem.Value{Kind: ecosystem.Null}
	}
	for _, tag := range []string{"!!null", "!!bool", "!!int", "!!float", "!!timestamp"} {
		if v, ok := r.parseAs(s, tag); ok {
			return v
		}
	}
	return ecosystem.Value{Kind: ecosystem.String, Text: s}
}

// parseAs reads a text as the type of a tag.
func (r *reader) parseAs(s, tag string) (_ ecosystem.Value, ok bool) {
	switch tag {
	case "!!null":
		return ecosystem.Value{Kind: ecosystem.Null}, nulls[s]
	case "!!bool":
		truth, ok := bools[s]
		return ecosystem.Value{Kind: ecosystem.Bool, True: truth}, ok
	case "!!int":
		n, ok := r.parseInteger(s)
		return ecosystem.Value{Kind: ecosystem.Number, Num: n}, ok
	case "!!float":
		n, ok := r.parseFloat(s)
		return ecosystem.Value{Kind: ecosystem.Number, Num: n}, ok
	case "!!timestamp":
		return ecosystem.Value{Kind: ecosystem.Other, Text: "Date"}, timestamp.MatchString(s)
	case "!!binary":
		return ecosystem.Value{Kind: ecosystem.Other, Text: "Uint8Array"}, isBase64(s)
	}
	return ecosystem.Value{}, false
}

// The words and forms of js-yaml's default schema (lib/type/*.js of js-yaml).
var (
	nulls     = map[string]bool{"~": true, "null": true, "Null": true, "NULL": true}
	bools     = map[string]bool{"true": true, "True": true, "TRUE": true, "false": false, "False": false, "FALSE": false}
	based     = regexp.MustCompile(`^[-+]?0(b[01]+|o[0-7]+|x[0-9a-fA-F]+)$`)
	decimal   = regexp.MustCompile(`^[-+]?[0-9]+$`)
	fraction  = regexp.MustCompile(`^(?:[-+]?[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$`)
	special   = regexp.MustCompile(`^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
	timestamp = regexp.MustCompile(`^[0-9]{4}-(?:[0-9]{2}-[0-9]{2}|[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$`)
)

// bases are the prefixes of integers.
var bases = map[byte]int{'b': 2, 'o': 8, 'x': 16}

// parseInteger reads an integer: decimal also with leading zeros, or with the prefix 0b,
// 0o or 0x. js-yaml 4.1 ignores underscores in it; to 4.3 one that is no finite number is
// none.
func (r *reader) parseInteger(s string) (float64, bool) {
	digits, ok := r.stripUnderscores(s, "+-")
	if !ok {
		return 0, false
	}
	negative := strings.HasPrefix(digits, "-")
	bare := strings.TrimLeft(digits, "+-")
	var n float64
	switch {
	case based.MatchString(digits):
		whole, _ := new(big.Int).SetString(bare[2:], bases[bare[1]])
		n, _ = new(big.Float).SetInt(whole).Float64()
	case decimal.MatchString(digits):
		n, _ = strconv.ParseFloat(bare, 64) // out of range is an infinity
	default:
		return 0, false
	}
	if math.IsInf(n, 0) && !r.legacy {
		return 0, false
	}
	if negative && bare != "0" {
		n = math.Copysign(n, -1)
	}
	return n, true
}

// parseFloat reads a number with a fraction or an exponent, an infinity, or NaN.
func (r *reader) parseFloat(s string) (float64, bool) {
	if special.MatchString(s) {
		word := strings.ToLower(strings.TrimPrefix(s, "+"))
		n, err := strconv.ParseFloat(strings.Replace(word, ".", "", 1), 64)
		return n, err == nil
	}
	digits, ok := r.stripUnderscores(s, "")
	if !ok || !fraction.MatchString(digits) {
		return 0, false
	}
	n, _ := strconv.ParseFloat(digits, 64) // out of range is an infinity
	return n, r.legacy || !math.IsInf(n, 0)
}

// stripUnderscores takes underscores out of a number where js-yaml does so: in 4.1, not
// at its end, and not at its beginning.
func (r *reader) stripUnderscores(s, signs string) (string, bool) {
	if !r.legacy || !strings.Contains(s, "_") {
		return s, true
	}
	if strings.HasSuffix(s, "_") || strings.HasPrefix(strings.TrimLeft(s, signs), "_") {
		return s, false
	}
	return strings.ReplaceAll(s, "_", ""), true
}

// isBase64 reports whether js-yaml takes the text for base64: of the alphabet, with line
// breaks anywhere, and of whole bytes.
func isBase64(s string) bool {
	digits := 0
	for _, c := range s {
		switch {
		case c == '\n', c == '\r':
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/', c == '=':
			digits++
		default:
			return false
		}
	}
	return digits*6%8 == 0
}
