package capture

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"

	"github.com/pm2drill/pm2drill/harness/remedy"
)

// cleaned takes secrets out of a file, and counts them.
func cleaned(name string, text []byte) ([]byte, int, error) {
	if ext := path.Ext(name); path.Dir(name) == dirConfig || (ext != ".json" && ext != ".jsonl") {
		clean, n := remedy.Redact(string(text))
		return []byte(clean), n, nil
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	if path.Ext(name) == ".json" {
		enc.SetIndent("", "  ")
	}
	n := 0
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber() // times are larger than a float holds
	for {
		var doc any
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return out.Bytes(), n, nil
		}
		if err == nil {
			err = enc.Encode(cleanValue(doc, &n))
		}
		if err != nil {
			return nil, 0, fmt.Errorf("cannot take secrets out: %w", err)
		}
	}
}

func cleanValue(v any, n *int) any {
	switch v := v.(type) {
	case string:
		clean, found := remedy.Redact(v)
		*n += found
		return clean
	case []any:
		for i := range v {
			v[i] = cleanValue(v[i], n)
		}
	case map[string]any:
		for key := range v {
			v[key] = cleanValue(v[key], n)
		}
	}
	return v
}

// Plain are the environment variables whose values are no secret and say much: those of
// all others are left out of an archive.
func Plain() []string {
	return []string{"NODE_ENV", "PORT", "NODE_APP_INSTANCE", "NODE_VERSION", "TZ", "LANG"}
}

// hidden stands where a value was.
const hidden = "[left out]"

// withoutValues takes the values of variables out of PM2's dump file, which has every
// variable that the app was ever started with: in env, and once more beside PM2's own
// settings.
func withoutValues(dump []byte) ([]byte, error) {
	var apps []map[string]any
	if err := json.Unmarshal(dump, &apps); err != nil {
		return nil, fmt.Errorf("cannot read PM2's dump: %w", err)
	}
	for _, app := range apps {
		env, _ := app["env"].(map[string]any)
		for name := range env {
			if slices.Contains(Plain(), name) {
				continue
			}
			env[name] = hidden
			if _, twice := app[name]; twice {
				app[name] = hidden
			}
		}
	}
	return json.MarshalIndent(apps, "", "  ")
}
