package promise

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Mentions: the alert that people get holds these words where they read first,
// in what the engine saw or in what they must change. The log lines it carries
// do not count: those are the app's words.
func Mentions(words string) Promise {
	return Promise{
		Name:     "mentions",
		Needs:    Alert,
		Sentence: fmt.Sprintf("the alert says %q", words),
		Judge: func(r *evidence.Record) Finding {
			inject, _ := r.Mark(evidence.MarkInject)
			for _, posted := range r.Alerts {
				var a alert
				if err := json.Unmarshal(posted.Body, &a); err != nil {
					return newBroken("an alert is not what the contract's schema says: "+err.Error(), posted.At)
				}
				if a.Status == "resolved" || a.Symptom != "" && a.Cause == undetermined {
					continue
				}
				if said := a.findText(words); said != "" {
					return newKept("it says: " + said)
				}
				return newBroken("it does not; it asks for: "+a.Human, posted.At)
			}
			return newBroken("no alert came", inject.At)
		},
	}
}

// findText returns the first text of the alert that contains the words, "" for none.
func (a alert) findText(words string) string {
	texts := []string{a.Human}
	for _, fact := range a.Evidence {
		texts = append(texts, fact.Text)
	}
	for _, text := range texts {
		if strings.Contains(text, words) {
			return text
		}
	}
	return ""
}
