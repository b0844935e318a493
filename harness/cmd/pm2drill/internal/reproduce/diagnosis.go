package reproduce

import (
	"github.com/pm2drill/pm2drill/harness/capture"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/scenarios"
)

// diagnosisSchema names the form of what --diagnose --json prints.
const diagnosisSchema = "pm2drill/diagnosis/1"

// diagnosisJSON says what a capture shows.
type diagnosisJSON struct {
	Schema    string           `json:"schema"`
	Captured  capture.Manifest `json:"captured"`
	Symptom   string           `json:"symptom"`            // in a sentence
	Scenario  string           `json:"scenario,omitempty"` // of the catalogue that is about the cause
	Diagnoses []diagnosed      `json:"diagnoses"`          // the most certain first
}

// diagnosed is one cause, or one symptom whose cause is not known.
type diagnosed struct {
	Cause      engine.Cause   `json:"cause,omitempty"`
	Symptom    engine.Symptom `json:"symptom,omitempty"`
	Subject    string         `json:"subject"`
	Workers    []int          `json:"workers"` // PM2's ids
	Confidence float64        `json:"confidence"`
	Evidence   []engine.Fact  `json:"evidence"`
	RuledOut   []engine.Ruled `json:"ruled_out"`
	Human      string         `json:"human,omitempty"` // what a person must change
}

// printDiagnosis prints as JSON what a capture shows, and returns the exit code that
// --diagnose has for it.
func printDiagnosis(c cli.Call, b capture.Bundle, found []diagnose.Diagnosis, symptom capture.Symptom) int {
	out := diagnosisJSON{Schema: diagnosisSchema, Captured: b.Manifest, Symptom: symptom.String(), Diagnoses: []diagnosed{}}
	sc, known := scenarios.OfCause(string(symptom.Cause))
	if known {
		out.Scenario = sc.Name
	}
	for _, d := range found {
		out.Diagnoses = append(out.Diagnoses, diagnosed{
			Cause: d.Cause, Symptom: d.Symptom, Subject: d.Subject, Workers: append([]int{}, d.IDs...), Confidence: d.Confidence,
			Evidence: append([]engine.Fact{}, d.Evidence...), RuledOut: append([]engine.Ruled{}, d.RuledOut...), Human: d.Human,
		})
	}
	if code := c.PrintJSON(out); code != cli.ExitKept {
		return code
	}
	if !known {
		return cli.ExitInconclusive
	}
	return cli.ExitKept
}
