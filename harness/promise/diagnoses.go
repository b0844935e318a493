package promise

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Diagnoses: the engine names this cause, and no other, after the injection. A
// decoy's sentence is the same: the look-alike's own cause. Where several things are wrong
// at once, besides has the others' causes, of which each has a promise of its own.
func Diagnoses(cause string, besides ...string) Promise {
	return Promise{
		Name:     "diagnoses",
		Needs:    Detect,
		Cause:    cause,
		Sentence: "the engine diagnoses " + cause + " and nothing else" + but(besides),
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
					if c.Cause != cause && !slices.Contains(besides, c.Cause) {
						return broken(fmt.Sprintf("it diagnosed %s", c.Cause), c.At)
					}
				}
			}
			if !slices.Contains(named, cause) {
				return broken("it diagnosed "+cmp.Or(strings.Join(named, ", "), NoCause), inject.At)
			}
			return kept(fmt.Sprintf("diagnosed %s after %.1f s", strings.Join(named, ", "), (firstNamed(r, cause) - inject.At).Seconds()))
		},
	}
}

// firstNamed is when the engine first named the cause.
func firstNamed(r *evidence.Record, cause string) time.Duration {
	i := slices.IndexFunc(r.Claims, func(c evidence.Claim) bool { return c.Type == "detected" && c.Cause == cause })
	return r.Claims[i].At
}

// but says what a sentence excepts, "" for nothing.
func but(causes []string) string {
	if len(causes) == 0 {
		return ""
	}
	return " but " + strings.Join(causes, ", ")
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
