package config

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/pm2drill/pm2drill/harness/engine"
)

//go:embed config.schema.json
var form []byte

// readSchema returns the schema as the JSON it is, with the engine's causes as keys of
// policies.
func readSchema() (map[string]any, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(form))
	if err != nil {
		return nil, fmt.Errorf("cannot read the schema of the configuration: %w", err)
	}
	root := doc.(map[string]any)
	keys := lookUp(root, "$defs", "policies", "properties").(map[string]any)
	for _, cause := range engine.Causes() {
		keys[string(cause)] = map[string]any{"$ref": "#/$defs/policy"}
	}
	return root, nil
}

// Schema returns the JSON Schema (draft 2020-12) of the configuration.
func Schema() ([]byte, error) {
	doc, err := readSchema()
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(doc, "", "  ")
	return append(text, '\n'), err
}

// compile returns the schema, ready to validate, and as the JSON it is.
func compile() (*jsonschema.Schema, map[string]any, error) {
	doc, err := readSchema()
	if err != nil {
		return nil, nil, err
	}
	const name = "config.schema.json"
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		return nil, nil, fmt.Errorf("cannot use the schema of the configuration: %w", err)
	}
	schema, err := c.Compile(name)
	return schema, doc, err
}

// lookUp returns what is at a path of a JSON document, nil if nothing is.
func lookUp(at any, path ...string) any {
	for _, key := range path {
		m, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = m[key]
	}
	return at
}

// findPart returns the part of the schema that a URL with a JSON pointer names, nil if
// there is none. It passes over all arrays: none of the keywords that are looked up is in
// one.
func findPart(doc map[string]any, url string) any {
	_, pointer, _ := strings.Cut(url, "#")
	if pointer == "" {
		return doc
	}
	var path []string
	for _, key := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		path = append(path, strings.NewReplacer("~1", "/", "~0", "~").Replace(key))
	}
	return lookUp(doc, path...)
}
