package diagnose

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// unserialisable is what V8 says when JSON.stringify, which process.send uses
// by default, meets a circle or a BigInt.
var unserialisable = regexp.MustCompile(`TypeError: (Converting circular structure to JSON|Do not know how to serialize a BigInt)`)

// diagnoseSerialisation returns a diagnosis where a worker died of sending, or writing, what JSON cannot hold.
// One death is enough: the words leave no doubt, and the next request to the
// same place kills the next worker.
func diagnoseSerialisation(c Facts) (Diagnosis, bool) {
	var ids []int
	var deaths []crash
	for _, k := range c.crashes {
		if !unserialisable.MatchString(k.text) {
			continue
		}
		deaths = append(deaths, k)
		if !slices.Contains(ids, k.id) {
			ids = append(ids, k.id)
		}
	}
	if len(deaths) == 0 {
		return Diagnosis{}, false
	}
	slices.Sort(ids)
	final := deaths[len(deaths)-1]
	place := findAppFrame(final.text)
	evidence := []engine.Fact{
		{Source: "bus", Text: fmt.Sprintf("%s; worker %d: %s", formatCount(len(deaths), "death"), final.id, c.words.FindHeadline(final.text))},
	}
	if place != "" {
		evidence = append(evidence, engine.Fact{Source: "bus", Text: "thrown " + place})
	} else {
		place = "(the stack names no file of the app)"
	}
	return Diagnosis{
		Cause: engine.Serialisation, Subject: "what a worker sends", IDs: ids, Confidence: 0.95,
		Evidence: evidence,
		RuledOut: []engine.Ruled{
			{Cause: engine.BootCrash, Fact: "the error is about a message, not about starting"},
			{Cause: engine.DependencyOutage, Fact: "the error names no server"},
		},
		Human: "send plain data from process.send or JSON.stringify " + place + ": no object that holds itself, no BigInt; until then each such request costs a worker",
	}, true
}

var frame = regexp.MustCompile(`(?m)^\s+(at .*?/.*:\d+:\d+\)?)`)

// findAppFrame returns the first stack frame that lies in the app's own files, or "".
func findAppFrame(text string) string {
	for _, m := range frame.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(m[1], "node:") && !strings.Contains(m[1], "/node_modules/") {
			return m[1]
		}
	}
	return ""
}
