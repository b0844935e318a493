package rehearse

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/validate"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/rehearsal/handler"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// ExitUnrepaired is the exit code of a rehearsal with --verify whose advice does not help.
const ExitUnrepaired = 3

// folderVerified is the second rehearsal's folder, in that of the first.
const folderVerified = "verified"

// verify applies the advice to a copy of the app, rehearses it with the same seed, and adds to
// the report what became of it.
func (st *rehearsalRun) verify(ctx context.Context, c cli.Call, first *report.Report) error {
	x := first.Rehearsal
	if first.Verdict() == promise.Kept && x.Patch == "" && x.Handler == nil && len(st.advice.left) == 0 {
		st.Session.Progress.Say("nothing to verify: every act is kept, and nothing is proposed")
		return nil
	}
	x.Verified = &report.Verified{Ruling: report.RepairUnapplied}
	changed, applied := st.applyAdvice(ctx, x)
	x.Verified.Applied, x.Verified.Left = applied, st.advice.left
	if len(applied) == 0 {
		x.Verified.Because = "no part of the advice could be applied"
		switch {
		case len(st.advice.left) > 0:
		case first.Verdict() == promise.Inconclusive:
			x.Verified.Ruling, x.Verified.Because = report.RepairUnknown, "the rehearsal itself is inconclusive, and nothing is proposed from it"
		default:
			x.Verified.Because = "there is no advice for what is broken"
		}
		return nil
	}
	st.Session.Progress.Say("the same again on a copy with " + strings.Join(applied, " and ") + " applied")
	second, failure, err := st.repeatWith(ctx, c, changed)
	if err != nil {
		x.Verified.Ruling, x.Verified.Because = report.RepairUnknown, "the second rehearsal did not come to its end: "+st.redactor.Clean(err.Error())
		return err
	}
	if failure != "" {
		x.Verified.Ruling, x.Verified.Because = report.RepairFailed, "with the advice applied the app does not serve: "+st.redactor.Clean(removeFrames(failure))
		return nil
	}
	x.Verified.Report = second.Dir
	x.Verified.Acts = report.CompareActs(report.DigestOf(*first), report.DigestOf(*second))
	x.Verified.Ruling, x.Verified.Because = ruleRepair(second.Verdict(), x.Verified.Acts)
	return nil
}

// applyAdvice applies each patch, and returns the changed files by their paths in the app's
// folder, and the names of the patches. What cannot be applied is added to what is left.
func (st *rehearsalRun) applyAdvice(ctx context.Context, x *report.Rehearsal) (changed map[string][]byte, applied []string) {
	changed = maps.Clone(st.own.Changed)
	if changed == nil {
		changed = map[string][]byte{}
	}
	patches := []struct {
		name, text string
		files      []handler.File
	}{{render.FilePatch, x.Patch, st.advice.settings}}
	if x.Handler != nil {
		patches = append(patches, patches[0])
		patches[1].name, patches[1].text, patches[1].files = render.FileHandler, x.Handler.Patch, st.advice.handler
	}
	for _, p := range patches {
		if p.text == "" {
			continue
		}
		after, err := applyPatch(ctx, p.files, p.text)
		if err != nil {
			st.advice.left = append(st.advice.left, p.name+": "+st.redactor.Clean(err.Error()))
			continue
		}
		for name, text := range after {
			changed[st.within(filepath.Join(st.home(), filepath.FromSlash(name)))] = text
		}
		applied = append(applied, p.name)
	}
	return changed, applied
}

// repeatWith rehearses a copy of the app that has these files instead of its own, and writes its
// report. failure is why the copy does not serve, "" if it does.
func (st *rehearsalRun) repeatWith(ctx context.Context, c cli.Call, changed map[string][]byte) (second *report.Report, failure string, err error) {
	again := *st
	again.advice, again.rehearsal.verify = advice{}, false
	again.own.Changed = changed
	again.app.Own = &again.own
	again.app.Workers = 0
	if text, ok := changed[st.within(filepath.Join(st.home(), filepath.Base(st.subject.Path)))]; ok {
		if again.subject, again.static, err = validate.Reevaluate(ctx, st.subject, text); err != nil {
			return nil, "", err
		}
	}
	again.Session = st.Session.Again(filepath.Join(st.Session.Flags.Out, folderVerified), time.Now())
	again.Session.Bench.Command = func(scenario, _ string, _ int64) string { return again.formatCommand(scenario) }
	again.Session.Hooks.Conclude = func(r *report.Report) error { return again.conclude(r) }
	if failure, err = again.startFirst(ctx); failure != "" || err != nil {
		return nil, failure, err
	}
	if err := again.Drill(ctx, again.jobs()); err != nil {
		return nil, "", err
	}
	if code := again.Finish(c, nil); code != cli.ExitKept && code != cli.ExitBroken && code != cli.ExitInconclusive {
		return nil, "", fmt.Errorf("cannot write the report of the second rehearsal")
	}
	return &again.Session.Report, "", nil
}

// ruleRepair rules on the advice by the second rehearsal's verdict, and says why.
func ruleRepair(v promise.Verdict, acts []report.Repaired) (report.Repair, string) {
	before, after, streams, cutBefore, cutAfter := 0, 0, 0, 0, 0
	var broken, unsure []string
	for _, a := range acts {
		before, after = before+a.Before.Dropped, after+a.After.Dropped
		streams, cutBefore, cutAfter = streams+a.Before.Streams, cutBefore+a.Before.Cut, cutAfter+a.After.Cut
		switch a.After.Verdict {
		case promise.Broken:
			broken = append(broken, a.Act)
		case promise.Inconclusive:
			unsure = append(unsure, a.Act)
		}
	}
	figures := fmt.Sprintf("%s dropped without the advice, %s with it", render.FormatCount(before, "request"), render.FormatNumber(after))
	if streams > 0 {
		figures += fmt.Sprintf("; %s cut without it, %s with it", render.FormatCount(cutBefore, "stream"), render.FormatNumber(cutAfter))
	}
	switch v {
	case promise.Kept:
		return report.RepairDone, "every promise is kept: " + figures
	case promise.Broken:
		return report.RepairFailed, fmt.Sprintf("broken still: %s; %s", strings.Join(broken, ", "), figures)
	}
	return report.RepairUnknown, fmt.Sprintf("proves nothing: %s; %s", strings.Join(unsure, ", "), figures)
}
