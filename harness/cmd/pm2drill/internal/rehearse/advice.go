package rehearse

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/rehearsal"
	"github.com/pm2drill/pm2drill/harness/rehearsal/handler"
	"github.com/pm2drill/pm2drill/harness/report"
)

// advice is what a rehearsal proposes, as patches for the folder of the ecosystem file.
type advice struct {
	settings, handler []handler.File
	left              []string // what is proposed and stands in no patch, and why
}

// advise adds to the report the app's settings, those that the figures of sound acts call for, and
// the code by which workers end without losing requests, each with its patch.
func (st *rehearsalRun) advise(out *report.Rehearsal, acts []rehearsal.Act) error {
	i := slices.IndexFunc(st.subject.Apps, func(a lint.App) bool { return a.Name == st.app.Name })
	if i < 0 { // a file that was not evaluated, or an app without a name
		return nil
	}
	app := st.subject.Apps[i]
	sound := rehearsal.Measure(rehearsal.Sound(acts))
	if err := st.adviseHandler(out, app, rehearsal.LosesAtEnd(acts), sound.Killed > 0); err != nil {
		return err
	}
	out.Settings, out.Proposals = rehearsal.Settings(app), rehearsal.Propose(app, sound, st.rehearsal.slow, out.Handler != nil)
	return st.adviseSettings(out, app)
}

// adviseSettings makes the patch of the ecosystem file.
func (st *rehearsalRun) adviseSettings(out *report.Rehearsal, app lint.App) error {
	var wanted []lint.Pair
	var keys []string
	for _, p := range out.Proposals {
		wanted, keys = append(wanted, lint.Pair{Key: p.Key, Value: p.Value}), append(keys, p.Key)
	}
	if len(wanted) == 0 {
		return nil
	}
	name, findings := filepath.Base(st.subject.Path), lint.Settle(app, wanted)
	after, n := lint.Mend(st.subject, findings)
	if n < len(findings) || n == 0 {
		st.advice.left = append(st.advice.left, fmt.Sprintf("%s: %s does not show where each of them stands", strings.Join(keys, ", "), name))
	}
	if n == 0 {
		return nil
	}
	var err error
	if out.Patch, err = rehearsal.Patch(name, st.subject.Source, after, st.discloses); err != nil {
		return err
	}
	if out.Patch == "" {
		st.advice.left = append(st.advice.left, fmt.Sprintf("%s: a patch of %s would show a secret that stands beside", strings.Join(keys, ", "), name))
		return nil
	}
	st.advice.settings = []handler.File{{Name: name, Before: st.subject.Source, After: after}}
	return nil
}

// discloses reports whether a patch has a secret in it.
func (st *rehearsalRun) discloses(patch string) bool { return st.redactor.Clean(patch) != patch }

// adviseHandler adds the code by which the app ends without losing requests, where an act has
// lost some. An app that has such code, and was killed before it was done, needs time instead:
// kill_timeout.
func (st *rehearsalRun) adviseHandler(out *report.Rehearsal, app lint.App, why string, killed bool) error {
	code := handler.App{Entry: st.entry(app), Message: app.Ready.Get("shutdown_with_message").Truthy(), Read: st.readOwn}
	if why == "" || (killed && code.Signal() != "") {
		return nil
	}
	h, err := code.Find()
	var place handler.PlaceError
	if err != nil && !errors.As(err, &place) {
		return err
	}
	out.Handler = &report.Handler{Why: why, Framework: h.Framework, File: h.Name, Code: h.Code, Places: h.Places, NoPlace: string(place)}
	if !st.cluster {
		out.Handler.Limit = "in fork mode PM2 ends the old process before the new one serves: requests that come between them are lost all the same"
	}
	if place != "" {
		st.advice.left = append(st.advice.left, "the handler: "+string(place))
		return nil
	}
	var patch strings.Builder
	for _, f := range h.Files {
		one, err := rehearsal.Patch(f.Name, f.Before, f.After, st.discloses)
		if err != nil {
			return err
		}
		if one == "" {
			out.Handler.NoPlace = fmt.Sprintf("a patch of %s would show a secret that stands beside the place: add the code by hand", f.Name)
			st.advice.left = append(st.advice.left, "the handler: "+out.Handler.NoPlace)
			return nil
		}
		patch.WriteString(one)
	}
	out.Handler.Patch, st.advice.handler = patch.String(), h.Files
	return nil
}

// home is the folder of the ecosystem file, in which the patches are applied.
func (st *rehearsalRun) home() string {
	dir, err := filepath.Abs(filepath.Dir(st.subject.Path))
	if err != nil {
		return filepath.Dir(st.subject.Path)
	}
	return dir
}

// entry is the app's script, relative to home.
func (st *rehearsalRun) entry(app lint.App) string {
	home := st.home()
	if real, err := filepath.EvalSymlinks(home); err == nil && strings.HasPrefix(app.Plan.Script, real+"/") {
		home = real
	}
	rel, err := filepath.Rel(home, app.Plan.Script)
	if err != nil {
		return app.Plan.Script
	}
	return filepath.ToSlash(rel)
}

// mostCode bounds a file of code that is read, in bytes.
const mostCode = 1 << 20

// readOwn reads a file of the app as it is rehearsed, by its path in home.
func (st *rehearsalRun) readOwn(name string) ([]byte, bool) {
	file := filepath.Join(st.home(), filepath.FromSlash(name))
	if text, changed := st.own.Changed[st.within(file)]; changed {
		return text, true
	}
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() > mostCode {
		return nil, false
	}
	text, err := os.ReadFile(file)
	return text, err == nil
}

// within is the path of a file in the app's folder, with slashes.
func (st *rehearsalRun) within(file string) string {
	dir, err := filepath.Abs(st.own.Dir)
	if err != nil {
		return file
	}
	rel, err := filepath.Rel(dir, file)
	if err != nil {
		return file
	}
	return filepath.ToSlash(rel)
}
