package redact

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Document takes the secrets out of JSON, of one document or of one in each line, and
// counts them: each text by itself, and values by their names. indent is that of
// json.MarshalIndent.
func (r *Redactor) Document(text []byte, indent string) (clean []byte, n int, err error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetIndent("", indent)
	enc.SetEscapeHTML(false)
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber() // times are larger than a float holds
	for {
		var doc any
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return out.Bytes(), n, nil
		}
		if err == nil {
			err = enc.Encode(r.redactValue(doc, &n))
		}
		if err != nil {
			return nil, 0, fmt.Errorf("cannot redact JSON: %w", err)
		}
	}
}

// redactValue redacts a decoded value and adds what it finds to n.
func (r *Redactor) redactValue(v any, n *int) any {
	switch v := v.(type) {
	case string:
		clean, found := r.Text(v)
		*n += found
		return clean
	case []any:
		for i := range v {
			v[i] = r.redactValue(v[i], n)
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, x := range v {
			out[r.Clean(key)] = r.redactProperty(key, x, n)
		}
		return out
	}
	return v
}

// redactProperty redacts a value by its name.
func (r *Redactor) redactProperty(key string, v any, n *int) any {
	switch g := gradeName(key); {
	case key == "command":
		if s, ok := v.(string); ok {
			return r.Clean(Command(s))
		}
	case g == group || g >= strong:
		return blankOut(v, n)
	case g == weak:
		if s, ok := v.(string); ok && !isKeptValue(s, weak) {
			return blankOut(v, n)
		}
	}
	return r.redactValue(v, n)
}

// blankOut replaces every text and number in a value, and keeps names.
func blankOut(v any, n *int) any {
	switch v := v.(type) {
	case string:
		if v == Mark || v == "" || isHarmlessOption(v) {
			return v
		}
		*n++
		return Mark
	case json.Number:
		*n++
		return Mark
	case []any:
		for i := range v {
			v[i] = blankOut(v[i], n)
		}
	case map[string]any:
		for key, x := range v {
			if s, ok := x.(string); ok && isHarmlessVariable(key, s) {
				continue
			}
			v[key] = blankOut(x, n)
		}
	}
	return v
}

// Of redacts a value of any type that JSON holds, by way of it.
func Of[T any](r *Redactor, v T) (clean T, err error) {
	text, err := json.Marshal(v)
	if err == nil {
		text, _, err = r.Document(text, "")
	}
	if err == nil {
		err = json.Unmarshal(text, &clean)
	}
	if err != nil {
		return clean, fmt.Errorf("cannot redact: %w", err)
	}
	return clean, nil
}
