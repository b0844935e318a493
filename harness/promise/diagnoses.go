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
		Sentence: "the engine diagnoses " + cause + " and nothing else" + describeExceptions(besides),
		Judge: func(r *evidence.Record) Finding {
			inject, _ := r.Mark(evidence.MarkInject)
			var named []string
			for _, c := range r.Claims {
				if c.Type == "symptom" && c.At < inject.At {
					return newBroken("it said a symptom before anything was injected", c.At)
				}
				if stray := findStrayCause(r, c); stray != "" {
					return newBroken(stray, c.At)
				}
				if c.Type == "detected" && !slices.Contains(named, c.Cause) {
					named = append(named, c.Cause)
					if c.At < inject.At {
						return newBroken(fmt.Sprintf("it diagnosed %s before anything was injected", c.Cause), c.At)
					}
					if c.Cause != cause && !slices.Contains(besides, c.Cause) {
						return newBroken(fmt.Sprintf("it diagnosed %s", c.Cause), c.At)
					}
				}
			}
			if !slices.Contains(named, cause) {
				return newBroken("it diagnosed "+cmp.Or(strings.Join(named, ", "), NoCause), inject.At)
			}
			return newKept(fmt.Sprintf("diagnosed %s after %.1f s", strings.Join(named, ", "), (findFirstDetected(r, cause) - inject.At).Seconds()))
		},
	}
}

// findFirstDetected returns when the engine first named the cause. The record must have
// such a claim.
func findFirstDetected(r *evidence.Record, cause string) time.Duration {
	i := slices.IndexFunc(r.Claims, func(c evidence.Claim) bool { return c.Type == "detected" && c.Cause == cause })
	return r.Claims[i].At
}

// describeExceptions returns the part of a sentence that names the exceptions, "" for
// none.
func describeExceptions(causes []string) string {
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
					return newBroken("it diagnosed "+c.Cause, c.At)
				case "symptom":
					return newBroken("it said a symptom", c.At)
				}
				if stray := findStrayCause(r, c); stray != "" {
					return newBroken(stray, c.At)
				}
			}
			if len(r.Alerts) > 0 {
				return newBroken("it alerted", r.Alerts[0].At)
			}
			return newKept("no diagnosis, no alert")
		},
	}
}

// findStrayCause says which cause a line names that the engine never diagnosed, "" for none: an
// incident is opened, and a recovery verified, of a cause that a "detected" line has. An incident
// that is a symptom has the cause undetermined.
func findStrayCause(r *evidence.Record, c evidence.Claim) string {
	if c.Type != "incident" && c.Type != "verified" || c.Cause == "" || c.Cause == undetermined || slices.Contains(Diagnosed(r), c.Cause) {
		return ""
	}
	return fmt.Sprintf("it said %s of %s, which it never diagnosed", c.Type, c.Cause)
}

// undetermined is the contract's cause of what has a symptom and no cause (yet).
const undetermined = "undetermined"

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
