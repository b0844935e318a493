package engine

import (
	"embed"
	"fmt"
	"slices"
)

//go:embed *.schema.json
var schemas embed.FS

// Schemas names the JSON schemas of the contract (draft 2020-12): of a line on an
// engine's stdout, of a request on its stdin, and of an alert's body.
func Schemas() []string { return []string{"line", "request", "alert"} }

// Schema is the text of the schema of that name. What it refuses, DecodeLine,
// DecodeRequest and DecodeAlert refuse.
func Schema(name string) ([]byte, error) {
	if !slices.Contains(Schemas(), name) {
		return nil, fmt.Errorf("cannot find schema %q: there are %v", name, Schemas())
	}
	return schemas.ReadFile(name + ".schema.json")
}
