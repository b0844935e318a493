package format

import (
	"encoding/json"
	"io"

	"github.com/pm2drill/pm2drill/harness/lint"
)

// Schema names the shape of the JSON.
const Schema = "pm2drill/validate/1"

type document struct {
	Schema  string         `json:"schema"`
	Version string         `json:"version"`
	Target  targetJSON     `json:"target"`
	Summary map[string]int `json:"summary"`
	Files   []fileJSON     `json:"files"`
}

type targetJSON struct {
	PM2    string `json:"pm2"`
	Node   string `json:"node"`
	CPUs   int    `json:"cpus"`
	Memory int64  `json:"memory,omitempty"`
	Env    string `json:"env,omitempty"`
	Route  string `json:"target,omitempty"`
}

type fileJSON struct {
	Path        string        `json:"path"`
	Apps        int           `json:"apps"`
	Hidden      int           `json:"hidden,omitempty"` // findings that the caller left out
	Findings    []findingJSON `json:"findings"`
	Ignored     int           `json:"ignored"`
	Known       int           `json:"known"`
	Unsupported string        `json:"unsupported,omitempty"`
	Undecided   string        `json:"undecided,omitempty"`
}

type findingJSON struct {
	Rule     string        `json:"rule"`
	Severity lint.Severity `json:"severity"`
	Title    string        `json:"title"`
	App      string        `json:"app,omitempty"`
	Index    *int          `json:"app_index,omitempty"` // from 0
	Key      string        `json:"key,omitempty"`
	Value    string        `json:"value,omitempty"`
	Message  string        `json:"message"`
	Why      string        `json:"why"`
	Fix      string        `json:"fix"`
	Line     int           `json:"line,omitempty"`
	Col      int           `json:"column,omitempty"`
}

func writeJSON(w io.Writer, r Run) error {
	doc := document{Schema: Schema, Version: r.Version, Summary: map[string]int{}, Files: []fileJSON{},
		Target: targetJSON{r.Target.PM2, r.Target.Node, r.Target.CPUs, r.Target.Memory, r.Target.Env, string(r.Target.Route)}}
	for _, s := range lint.Severities() {
		doc.Summary[string(s)] = r.countFindings()[s]
	}
	for _, x := range r.Results {
		file := fileJSON{Path: x.Path, Apps: x.Apps, Findings: []findingJSON{}, Ignored: x.Ignored, Known: x.Known, Unsupported: x.Unsupported, Undecided: x.Undecided}
		for _, f := range x.Findings {
			rule, _ := lint.Find(f.Rule)
			row := findingJSON{Rule: f.Rule, Severity: f.Severity, Title: rule.Title, App: f.Name, Key: f.Key, Value: f.Value,
				Message: f.Message, Why: rule.Why, Fix: f.Fix, Line: f.Line, Col: f.Col}
			if f.App >= 0 {
				row.Index = &f.App
			}
			file.Findings = append(file.Findings, row)
		}
		file.Hidden = x.Hidden
		doc.Files = append(doc.Files, file)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(doc)
}
