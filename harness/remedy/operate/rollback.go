package operate

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/alert"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Bounds of an operator's roll-back command.
const (
	rollbackWithin = 60 * time.Second
	maxOutput      = 2048 // bytes of its output that are kept
)

// hasLostCanary reports whether a roll has failed at its first worker and has ended that
// one's old process: the others run the release of before.
func hasLostCanary(done []drain.Replacement) bool {
	return len(done) == 1 && !host.Alive(done[0].Old)
}

// canRollBack reports whether there is a command to roll back with and nobody has turned
// the kill switch on since the roll began.
func (o *Operator) canRollBack(back []string) bool {
	if len(back) == 0 {
		return false
	}
	off := o.Desk.Latest().Paused
	if off {
		o.Say(engine.Line{Type: engine.TypeWithheld, Action: engine.ActionRollback, Why: "the kill switch is on"})
	}
	return !off
}

// listPIDs returns who ran when the engine last looked: pids by worker id.
func (o *Operator) listPIDs() map[int]int {
	pids := map[int]int{}
	for _, w := range o.Desk.Latest().Workers {
		pids[w.ID] = w.PID
	}
	return pids
}

// diagnoseRelease says what is wrong with the release whose first worker has not come
// to serve. Only an error that is known to be the code's, or about a file of its, is the
// release's own.
func (o *Operator) diagnoseRelease(done []drain.Replacement, err error, begun time.Duration) diagnose.Diagnosis {
	canary := done[0].ID
	var words []string
	for _, e := range observe.ListComplaints(o.Desk.History()) {
		if e.ID == canary && e.At >= begun {
			words = append(words, e.Text)
		}
	}
	return buildReleaseDiagnosis(done, err, nodeerr.PickLastError(words))
}

func buildReleaseDiagnosis(done []drain.Replacement, err error, words string) diagnose.Diagnosis {
	if !errors.Is(err, drain.ErrCrashing) || !nodeerr.IsOwn(words) && !nodeerr.IsAboutFile(words) {
		f := buildUnfinished(done, err)
		f.IDs = []int{done[0].ID}
		if words != "" {
			f.Evidence = append(f.Evidence, engine.Fact{Source: "bus", Text: fmt.Sprintf("worker %d: %s", done[0].ID, nodeerr.FindHeadline(words))})
		}
		f.Human = "the release that was rolled out does not come to serve: mend it before it is deployed again"
		return f
	}
	return diagnose.Diagnosis{
		Cause: engine.BootCrash, Subject: nodeerr.Normalise(words), IDs: []int{done[0].ID}, Confidence: 0.9,
		Evidence: []engine.Fact{
			{Source: "proc", Text: err.Error()},
			{Source: "bus", Text: fmt.Sprintf("worker %d: %s", done[0].ID, nodeerr.FindHeadline(words))},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.DependencyOutage, Fact: "the error names no server that the app needs"},
			{Cause: engine.PortForeign, Fact: "the error is not about the port"},
		},
		Human: "the release that was rolled out cannot start: " + nodeerr.FindHeadline(words) + ". Mend the code or its environment before it is deployed again",
	}
}

// rollBack takes a release back that its first worker has shown to be bad: the
// operator's command, that worker again, and proof that the release of before
// serves. People are told at once, and again how it ended.
func (o *Operator) rollBack(ctx context.Context, back []string, canary drain.Replacement, before map[int]int, f diagnose.Diagnosis) {
	opened := host.Now()
	o.Desk.NoteCounters(f)
	o.raise(alert.Incident{Diagnosis: f, Opened: opened, Seen: opened, Next: fmt.Sprintf("the operator's roll-back command is run, then worker %d is started again", canary.ID)})
	by, err := o.undoRelease(ctx, back, canary.ID, before, f)
	if err != nil {
		o.Say(engine.Line{Type: engine.TypeWithheld, Action: engine.ActionRestart, ID: &canary.ID, Why: "the roll-back did not succeed: this worker is left to people, the others are as they were", Error: err.Error()})
		f.Evidence = append(f.Evidence, engine.Fact{Source: "proc", Text: "the roll-back did not succeed: " + err.Error()})
		o.Desk.Send(engine.StatusFiring, alert.Incident{Diagnosis: f, Opened: opened, Seen: host.Now(), Next: "nothing: the engine waits for people"})
		return
	}
	o.Say(engine.Line{Type: engine.TypeVerified, Cause: f.Cause, By: by})
	o.Say(engine.Line{Type: engine.TypeIncident, Cause: f.Cause, Incident: engine.IncidentResolved})
	o.Desk.Send(engine.StatusResolved, alert.Incident{Diagnosis: f, Opened: opened, Seen: opened})
	o.Desk.Forget(plan.Decision{Cause: f.Cause, Subject: f.Subject, Diagnosis: f})
}

// undoRelease does it, and says by what it was seen to have worked.
func (o *Operator) undoRelease(ctx context.Context, back []string, canary int, before map[int]int, f diagnose.Diagnosis) ([]string, error) {
	client, err := o.Executor.Dial(ctx)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	if err := o.runRollback(ctx, client, back, canary, f); err != nil {
		return nil, err
	}
	d := plan.Decision{Cause: f.Cause, Subject: f.Subject, Action: engine.ActionRestart, ID: canary, Why: "the previous release is back on disk"}
	end := o.Begin(d)
	told, err := o.Executor.Do(ctx, d)
	end(told, err)
	if err != nil {
		return nil, err
	}
	pids, err := o.Executor.AwaitServing(ctx, client, o.Limits)
	if err != nil {
		return nil, err
	}
	for id, pid := range before {
		if id != canary && pids[id] != pid {
			return nil, fmt.Errorf("cannot tell what worker %d runs: it was started anew (pid %d, then %d) while the bad release was on disk", id, pid, pids[id])
		}
	}
	return []string{
		fmt.Sprintf("probe: %d of %d workers answered on a new connection", len(pids), len(pids)),
		"proc: all but the first are the processes they were before the roll",
		fmt.Sprintf("soak: all lived on for %s", o.Limits.Soak),
	}, nil
}

// runRollback stops the worker, so that it does not start from files that are half
// changed, and runs the command. It is one action of the engine: what it says
// goes into the audit.
func (o *Operator) runRollback(ctx context.Context, client *pm2.Client, back []string, canary int, f diagnose.Diagnosis) error {
	l := engine.Line{
		Type: engine.TypeAction, Cause: f.Cause, Action: engine.ActionRollback, Phase: engine.PhaseBegin,
		Why: fmt.Sprintf("worker %d does not come to serve; the operator's command: %s", canary, strings.Join(back, " ")),
	}
	d := plan.Decision{Cause: f.Cause, Subject: f.Subject, Action: engine.ActionRollback, ID: canary}
	o.Say(l)
	p, err := client.Describe(ctx, canary)
	if err == nil {
		var end func()
		if end, err = o.Executor.NoteIntent(p, d); err == nil { // until the command has run
			defer end()
			err = o.Executor.Stop(ctx, client, p, d)
		}
	}
	var said string
	if err == nil {
		said, err = runCommand(ctx, back, rollbackWithin)
	}
	l.Phase, l.Why = engine.PhaseDone, "it said: "+said
	result := "done"
	if err != nil {
		l.Phase, l.Error, result = engine.PhaseFailed, err.Error(), "failed"
	}
	o.Say(l)
	o.Desk.NoteAction(d, result, l.Why)
	return err
}

// runCommand runs a command once, bounded in time and in what is kept of its output.
// Whatever it has started ends with it.
func runCommand(ctx context.Context, command []string, within time.Duration) (said string, err error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var out head
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	if ctx.Err() != nil {
		err = fmt.Errorf("it was not done within %s", within)
	}
	if err != nil {
		err = fmt.Errorf("cannot run %s: %w", command[0], err)
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(out), "")), err
}

// head keeps the first bytes that are written to it.
type head []byte

func (h *head) Write(b []byte) (int, error) {
	*h = append(*h, b[:min(len(b), maxOutput-len(*h))]...)
	return len(b), nil
}
