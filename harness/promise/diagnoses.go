package promise

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Diagnoses: the engine names this cause, and no other, after the injection. A
// decoy's sentence is the same: the look-alike's own cause.
func Diagnoses(cause string) Promise {
	return Promise{
		Name:     "diagnoses",
		Needs:    Detect,
		Cause:    cause,
		Sentence: "the engine diagnoses " + cause + " and nothing else",
		Judge: func(r *evidence.Record) Finding {
			inject, _ := r.Mark(evidence.MarkInject)
			var named []string
			for _, c := range r.Claims {
				if c.Type == "symptom" && c.At < inject.At {
					return broken("it said a symptom before anything was injected", c.At)
				}
				if c.Type == "detected" && !slices.Contains(named, c.Cause) {
					named = append(named, c.Cause)
					if c.At < inject.At {
						return broken(fmt.Sprintf("it diagnosed %s before anything was injected", c.Cause), c.At)
					}
					if c.Cause != cause {
						return broken(fmt.Sprintf("it diagnosed %s", c.Cause), c.At)
					}
				}
			}
			if len(named) == 0 {
				return broken("it diagnosed nothing", inject.At)
			}
			detect, _ := TimeToDetect(r)
			return kept(fmt.Sprintf("diagnosed %s after %.1f s", strings.Join(named, ", "), detect.Seconds()))
		},
	}
}

// DiagnosesNothing: the engine sees that nothing is wrong, and pages nobody.
func DiagnosesNothing() Promise {
	return Promise{
		Name:     "diagnoses-nothing",
		Needs:    Detect,
		Cause:    NoCause,
		Sentence: "the engine diagnoses nothing and pages nobody",
		Judge: func(r *evidence.Record) Finding {
			for _, c := range r.Claims {
				switch c.Type {
				case "detected":
					return broken("it diagnosed "+c.Cause, c.At)
				case "symptom":
					return broken("it said a symptom", c.At)
				}
			}
			if len(r.Alerts) > 0 {
				return broken("it alerted", r.Alerts[0].At)
			}
			return kept("no diagnosis, no alert")
		},
	}
}

// Diagnosed lists the causes that the engine named, each once, in its order.
func Diagnosed(r *evidence.Record) []string {
	var named []string
	for _, c := range r.Claims {
		if c.Type == "detected" && !slices.Contains(named, c.Cause) {
			named = append(named, c.Cause)
		}
	}
	return named
}
