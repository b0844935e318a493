package folder

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pm2drill/pm2drill/harness/promise"
)

// Unmet reads off the report in dir which arms were broken or inconclusive in any
// drill, by scenario. Variants are left out: each has a command of its own.
func Unmet(dir string) (map[string][]string, error) {
	raw, err := os.ReadFile(filepath.Join(dir, fileJSON))
	if err != nil {
		return nil, fmt.Errorf("cannot load report: %w", err)
	}
	var doc struct {
		Schema string `json:"schema"`
		Drills []struct {
			Scenario string          `json:"scenario"`
			Arm      string          `json:"arm"`
			Verdict  promise.Verdict `json:"verdict"`
			Varied   json.RawMessage `json:"varied"`
		} `json:"drills"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("cannot load report %s: %w", dir, err)
	}
	if doc.Schema != Schema {
		return nil, fmt.Errorf("cannot load report %s: its schema is %q, not %q", dir, doc.Schema, Schema)
	}
	out := map[string][]string{}
	for _, d := range doc.Drills {
		if d.Varied == nil && (d.Verdict == promise.Broken || d.Verdict == promise.Inconclusive) {
			out[d.Scenario] = append(out[d.Scenario], d.Arm)
		}
	}
	return out, nil
}
