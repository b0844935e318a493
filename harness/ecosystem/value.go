package ecosystem

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Kind is what a JavaScript value is.
type Kind string

// The kinds. What JSON has no word for is kept apart, because PM2 tells it apart.
const (
	Undefined Kind = "undefined"
	Null      Kind = "null"
	Bool      Kind = "boolean"
	Number    Kind = "number"
	String    Kind = "string"
	Array     Kind = "array"
	Object    Kind = "object"
	Function  Kind = "function"
	Circular  Kind = "circular" // an object that is within itself
	Other     Kind = "other"    // a Date, a RegExp, a BigInt, a Symbol: Value.Text names its class
)

// Value is a JavaScript value as PM2 finds it: its own enumerable properties, in
// their order, and numbers that are none. The zero Value is undefined.
type Value struct {
	Kind   Kind
	True   bool    // of a Bool
	Num    float64 // of a Number, NaN and the infinities among them
	Text   string  // of a String; of Other its class as Object.prototype.toString has it, e.g. "Date"
	Items  []Value // of an Array
	Fields []Field // of an Object
}

// Field is a property.
type Field struct {
	Key   string
	Value Value
}

// Get is the property of that name; undefined if there is none.
func (v Value) Get(key string) Value {
	for _, f := range v.Fields {
		if f.Key == key {
			return f.Value
		}
	}
	return Value{Kind: Undefined}
}

// Has reports whether the object has a property of that name, undefined or not.
func (v Value) Has(key string) bool {
	return slices.ContainsFunc(v.Fields, func(f Field) bool { return f.Key == key })
}

// Set gives the object a property, in its old place if it had one.
func (v *Value) Set(key string, to Value) {
	for i := range v.Fields {
		if v.Fields[i].Key == key {
			v.Fields[i].Value = to
			return
		}
	}
	v.Fields = append(v.Fields, Field{key, to})
}

// Delete takes a property away.
func (v *Value) Delete(key string) {
	v.Fields = slices.DeleteFunc(v.Fields, func(f Field) bool { return f.Key == key })
}

// Copy is a value that shares nothing with this one.
func (v Value) Copy() Value {
	v.Items = slices.Clone(v.Items)
	for i := range v.Items {
		v.Items[i] = v.Items[i].Copy()
	}
	v.Fields = slices.Clone(v.Fields)
	for i := range v.Fields {
		v.Fields[i].Value = v.Fields[i].Value.Copy()
	}
	return v
}

// Is reports whether the value is of that kind.
func (v Value) Is(k Kind) bool { return v.getKind() == k }

// Missing reports whether the value is undefined or null.
func (v Value) Missing() bool { return v.Is(Undefined) || v.Is(Null) }

func (v Value) getKind() Kind {
	if v.Kind == "" {
		return Undefined
	}
	return v.Kind
}

// Truthy reports whether JavaScript takes the value for true.
func (v Value) Truthy() bool {
	switch v.getKind() {
	case Undefined, Null:
		return false
	case Bool:
		return v.True
	case Number:
		return v.Num != 0 && !math.IsNaN(v.Num)
	case String:
		return v.Text != ""
	}
	return true
}

// Class is what Object.prototype.toString says between "[object " and "]".
func (v Value) Class() string {
	switch v.getKind() {
	case Other:
		return v.Text
	case Circular:
		return "Object"
	}
	k := string(v.getKind())
	return strings.ToUpper(k[:1]) + k[1:]
}

// Inspect shows the value as JavaScript would be written, on one line.
func (v Value) Inspect() string {
	switch v.getKind() {
	case Bool:
		return strconv.FormatBool(v.True)
	case Number:
		return FormatNumber(v.Num)
	case String:
		return strconv.Quote(v.Text)
	case Array:
		parts := make([]string, len(v.Items))
		for i, x := range v.Items {
			parts[i] = x.Inspect()
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case Object:
		parts := make([]string, len(v.Fields))
		for i, f := range v.Fields {
			parts[i] = f.Key + ": " + f.Value.Inspect()
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case Other, Function, Circular:
		return "[" + v.Class() + "]"
	}
	return string(v.getKind())
}

// FormatNumber is Number.prototype.toString, for what configurations hold.
func FormatNumber(n float64) string {
	switch {
	case math.IsNaN(n):
		return "NaN"
	case math.IsInf(n, 1):
		return "Infinity"
	case math.IsInf(n, -1):
		return "-Infinity"
	case n == 0:
		return "0"
	case math.Abs(n) >= 1e21 || math.Abs(n) < 1e-6:
		s := strconv.FormatFloat(n, 'e', -1, 64)
		mantissa, exponent, _ := strings.Cut(s, "e")
		sign := exponent[:1]
		return mantissa + "e" + sign + strings.TrimLeft(exponent[1:], "0")
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// special is how a value that JSON has no word for is written: an object of one
// property, whose name no JSON of ours has otherwise, since objects are written
// as lists of their properties.
type special struct {
	Kind   Kind     `json:"$"`
	Text   string   `json:"text,omitempty"`
	Fields [][2]any `json:"fields,omitempty"`
}

// MarshalJSON writes the value so that UnmarshalJSON reads the same.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.getKind() {
	case Null:
		return []byte("null"), nil
	case Bool:
		return json.Marshal(v.True)
	case String:
		return json.Marshal(v.Text)
	case Array:
		if v.Items == nil {
			return []byte("[]"), nil
		}
		return json.Marshal(v.Items)
	case Number:
		if math.IsNaN(v.Num) || math.IsInf(v.Num, 0) {
			return json.Marshal(special{Kind: Number, Text: FormatNumber(v.Num)})
		}
		return json.Marshal(v.Num)
	case Object, Function:
		s := special{Kind: v.Kind}
		for _, f := range v.Fields {
			s.Fields = append(s.Fields, [2]any{f.Key, f.Value})
		}
		return json.Marshal(s)
	}
	return json.Marshal(special{Kind: v.getKind(), Text: v.Text})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (v *Value) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case 'n':
		*v = Value{Kind: Null}
		return nil
	case 't', 'f':
		*v = Value{Kind: Bool, True: raw[0] == 't'}
		return nil
	case '"':
		v.Kind = String
		return json.Unmarshal(raw, &v.Text)
	case '[':
		v.Kind = Array
		return json.Unmarshal(raw, &v.Items)
	case '{':
		return v.unmarshalSpecial(raw)
	}
	v.Kind = Number
	return json.Unmarshal(raw, &v.Num)
}

func (v *Value) unmarshalSpecial(raw []byte) error {
	var s struct {
		Kind   Kind                 `json:"$"`
		Text   string               `json:"text"`
		Fields [][2]json.RawMessage `json:"fields"`
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	*v = Value{Kind: s.Kind, Text: s.Text}
	switch s.Kind {
	case Number:
		n, err := strconv.ParseFloat(strings.Replace(s.Text, "Infinity", "Inf", 1), 64)
		v.Num, v.Text = n, ""
		return err
	case Object, Function:
		for _, pair := range s.Fields {
			var f Field
			if err := json.Unmarshal(pair[0], &f.Key); err != nil {
				return err
			}
			if err := f.Value.UnmarshalJSON(pair[1]); err != nil {
				return err
			}
			v.Fields = append(v.Fields, f)
		}
	case "":
		return fmt.Errorf("a value of no kind: %s", raw)
	}
	return nil
}
