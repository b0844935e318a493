package format

import (
	"encoding/json"
	"io"
	"path/filepath"

	"github.com/pm2drill/pm2drill/harness/lint"
)

// writeSARIF writes SARIF 2.1.0, as far as GitHub's code scanning reads it. A result's
// fingerprint is made of rule, app, key and value, so that it is the same alert when
// lines move.
func writeSARIF(w io.Writer, r Run) error {
	type text struct {
		Text string `json:"text"`
	}
	type rule struct {
		ID      string            `json:"id"`
		Name    string            `json:"name"`
		Short   text              `json:"shortDescription"`
		Full    text              `json:"fullDescription"`
		Help    text              `json:"help"`
		HelpURI string            `json:"helpUri,omitempty"`
		Default map[string]string `json:"defaultConfiguration"`
	}
	type region struct {
		Line int `json:"startLine"`
		Col  int `json:"startColumn"`
		End  int `json:"endColumn"`
	}
	type result struct {
		Rule      string            `json:"ruleId"`
		Level     string            `json:"level"`
		Message   text              `json:"message"`
		Locations []map[string]any  `json:"locations"`
		Prints    map[string]string `json:"partialFingerprints"`
	}
	rules, results := []rule{}, []result{}
	for _, x := range r.listRules() {
		one := rule{ID: x.ID, Name: x.Title, Short: text{x.Title}, Full: text{x.Why}, Help: text{x.Why + "\n\nFix: " + x.Fix},
			Default: map[string]string{"level": formatLevel(x.Severity)}}
		if r.Docs != "" {
			one.HelpURI = r.Docs + x.ID + ".md"
		}
		rules = append(rules, one)
	}
	for _, x := range r.Results {
		for _, f := range x.Findings {
			place := map[string]any{"artifactLocation": map[string]string{"uri": filepath.ToSlash(x.Path)}}
			if f.Line > 0 {
				place["region"] = region{f.Line, f.Col, f.Col + f.Width}
			}
			results = append(results, result{f.Rule, formatLevel(f.Severity), text{f.Message + " Fix: " + f.Fix},
				[]map[string]any{{"physicalLocation": place}},
				map[string]string{"pm2drill/v1": f.Rule + ":" + f.Name + ":" + f.Key + ":" + f.Hash}})
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(map[string]any{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
		"runs": []any{map[string]any{
			"tool":    map[string]any{"driver": map[string]any{"name": "pm2drill", "version": r.Version, "rules": rules}},
			"results": results, "invocations": []any{buildInvocation(r)},
		}},
	})
}

// formatLevel returns a severity in SARIF's words.
func formatLevel(s lint.Severity) string {
	return map[lint.Severity]string{lint.Error: "error", lint.Warning: "warning", lint.Info: "note"}[s]
}

// buildInvocation tells whether every file could be evaluated, and which could not.
func buildInvocation(r Run) map[string]any {
	notes := []map[string]any{}
	for _, x := range r.Results {
		if why := x.Inconclusive(); why != "" {
			notes = append(notes, map[string]any{
				"level": "error", "message": map[string]string{"text": "Inconclusive: " + why + ". " + x.goOn()},
				"locations": []any{map[string]any{"physicalLocation": map[string]any{"artifactLocation": map[string]string{"uri": filepath.ToSlash(x.Path)}}}},
			})
		}
	}
	return map[string]any{"executionSuccessful": len(notes) == 0, "toolExecutionNotifications": notes}
}
