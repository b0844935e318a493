package lint

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// BaselineSchema names the shape of a baseline.
const BaselineSchema = "pm2drill/baseline/1"

// Baseline is what is known of a file and left for later: findings by rule, app, key
// and a hash of the value, so that they are known again when lines move and are new
// when the value changes.
type Baseline struct {
	Schema string  `json:"schema"`
	Known  []Known `json:"known"`
}

// Known is a finding of a baseline.
type Known struct {
	File string `json:"file"`
	Rule string `json:"rule"`
	App  string `json:"app,omitempty"`
	Key  string `json:"key,omitempty"`
	Hash string `json:"hash"` // of the value
}

// LoadBaseline reads a baseline.
func LoadBaseline(r io.Reader) (Baseline, error) {
	var b Baseline
	if err := json.NewDecoder(r).Decode(&b); err != nil {
		return b, fmt.Errorf("cannot read baseline: %w", err)
	}
	if b.Schema != BaselineSchema {
		return b, fmt.Errorf("cannot read baseline: its schema is %q, not %q", b.Schema, BaselineSchema)
	}
	return b, nil
}

// Save writes the baseline.
func (b Baseline) Save(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(b); err != nil {
		return fmt.Errorf("cannot write baseline: %w", err)
	}
	return nil
}

// Add puts a file's findings into the baseline.
func (b *Baseline) Add(file string, all []Finding) {
	b.Schema = BaselineSchema
	for _, f := range all {
		b.Known = append(b.Known, f.buildKnown(file))
	}
}

// Sift takes away what the baseline knows; each entry takes one finding.
func (b Baseline) Sift(file string, all []Finding) (fresh, known []Finding) {
	left := slices.Clone(b.Known)
	for _, f := range all {
		if i := slices.Index(left, f.buildKnown(file)); i >= 0 {
			left = slices.Delete(left, i, i+1)
			known = append(known, f)
			continue
		}
		fresh = append(fresh, f)
	}
	return fresh, known
}

func (f Finding) buildKnown(file string) Known {
	return Known{File: file, Rule: f.Rule, App: f.Name, Key: f.Key, Hash: f.Hash}
}

// computeHash tells values apart without showing them: 12 hex digits of the text's
// SHA-256.
func computeHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}
