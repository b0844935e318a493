package plan

import (
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
)

// describeNext says what an incident waits for, for people.
func (d *decider) describeNext(in *Incident) string {
	switch {
	case d.o.Paused:
		return "nothing: the kill switch is on"
	case d.findLatch(in) != nil:
		return "nothing: it flaps, and the engine waits for an operator's command"
	case !in.isSymptom() && d.limits.Policies.Choose(in.Diagnosis.Cause) == PolicyObserve:
		return "nothing: the policy is to observe"
	case !in.isSymptom() && d.limits.Policies.Choose(in.Diagnosis.Cause) == PolicyAsk && !slices.Contains(d.o.Approved, in.Approval):
		return "the engine waits for people: `pm2drill engine approve " + d.limits.formatHomeFlag() + in.Approval + "` permits it to act on this incident"
	}
	switch in.Stage {
	case StageHold:
		return "the engine looks for " + in.Diagnosis.Subject + " several times a second, and starts one worker and then the others when it is there for them; " + d.describeTrials()
	case StageCanary, StageRest:
		return "the workers are being started, one first; if it dies the engine waits longer before it tries again"
	case StageKill, StageRespawn, StageReplace:
		return "the engine waits for the new process and makes sure that every worker serves"
	case StageVerify, StageReset:
		return fmt.Sprintf("the incident is closed when all has been well for %s", diagnose.SpellSpan(d.limits.Soak))
	}
	if in.Diagnosis.File.Name != "" {
		return "the engine looks for the file, and when it is there starts the workers that PM2 has given up, one first; it tries one of them now and then all the same"
	}
	if len(d.listLent(in)) > 0 {
		return "the engine waits for people, and closes the incident when it has seen all well; " + d.describeTrials()
	}
	return "nothing: the engine waits for people, and closes the incident when it has seen all well"
}

// describeTrials says what becomes of workers that were stopped, whatever else happens.
func (d *decider) describeTrials() string {
	return fmt.Sprintf("what it has stopped it tries again, one worker at a time and at least every %s", diagnose.SpellSpan(d.limits.RetryMax))
}

// formatHomeFlag returns the flag that names PM2's directory to a command, with a blank
// after it; "" where the directory is the command's default.
func (l Limits) formatHomeFlag() string {
	if l.Home == "" {
		return ""
	}
	return "--home " + l.Home + " "
}
