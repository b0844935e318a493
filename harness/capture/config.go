package capture

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// maxConfig bounds an ecosystem file that is read, in bytes.
const maxConfig = 1 << 20

// reduced ends the name of an ecosystem file of which the app's settings alone were taken.
const reduced = ".reduced.json"

// Evaluate evaluates an ecosystem file as Node would, and does nothing that it asks for.
type Evaluate func(ctx context.Context, req ecosystem.Request) (ecosystem.Evaluation, error)

// takeConfigs takes the settings of the app out of the ecosystem files that are named, or
// out of the one that PM2 has started the app from. PM2 does not say which that was: it
// is the one beside the app that names the app and starts the very script that PM2 runs.
// Where several do, none is taken.
func (t *taker) takeConfigs(ctx context.Context, rows []pm2.Process) {
	i := slices.IndexFunc(rows, t.Manifest.has)
	if len(t.cfg.Configs) > 0 {
		for _, name := range t.cfg.Configs {
			if app, err := t.findApp(ctx, name, pm2.Process{Name: t.cfg.App}); err != nil {
				t.noteMissing(name, err)
			} else {
				t.addConfig(name, app)
			}
		}
		return
	}
	if i < 0 {
		return
	}
	var used []string
	apps := map[string]ecosystem.Value{}
	for _, name := range listCandidates(rows[i]) {
		app, err := t.findApp(ctx, name, rows[i])
		if err != nil {
			t.leave(name, "PM2 has not started the app from it, as far as it tells: "+err.Error())
			continue
		}
		used, apps[name] = append(used, name), app
	}
	switch len(used) {
	case 0:
	case 1:
		t.addConfig(used[0], apps[used[0]])
	default:
		for _, name := range used {
			t.leave(name, "several files start this app: name the one that PM2 was given by --config")
		}
	}
}

// listCandidates returns the ecosystem files beside an app.
func listCandidates(p pm2.Process) []string {
	var names []string
	for _, dir := range []string{p.Cwd, filepath.Dir(p.Script), filepath.Dir(filepath.Dir(p.Script))} {
		found, err := filepath.Glob(filepath.Join(dir, "ecosystem*.*"))
		if err == nil {
			names = append(names, found...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// findApp returns the app in an ecosystem file. For a process that has a script, it is
// the app that starts this script.
func (t *taker) findApp(ctx context.Context, name string, p pm2.Process) (ecosystem.Value, error) {
	if t.cfg.Evaluate == nil {
		return ecosystem.Value{}, fmt.Errorf("it cannot be evaluated here")
	}
	source, err := host.ReadFile(name, maxConfig)
	if err != nil {
		return ecosystem.Value{}, fmt.Errorf("it cannot be read: %w", err)
	}
	target := ecosystem.Target{CPUs: countCores(), Node: t.Manifest.Node, PM2: t.Manifest.PM2, OS: map[string]string{}, Cwd: filepath.Dir(name)}
	loaded, err := t.cfg.Evaluate(ctx, ecosystem.Request{Path: name, Dialect: ecosystem.DialectOf(name), Source: source, Target: target})
	if err != nil || loaded.Failure != nil || loaded.Unsupported != "" || len(loaded.Others) > 0 {
		return ecosystem.Value{}, fmt.Errorf("it cannot be evaluated here") // in other words it might quote the file
	}
	t.veil.LearnTree(loaded.Value.Plain())
	config, rejected := ecosystem.ConfigOf(loaded.Value)
	if rejected != nil {
		return ecosystem.Value{}, fmt.Errorf("it is no configuration of PM2")
	}
	for _, raw := range config.Apps {
		ready, rejected := ecosystem.Verify([]ecosystem.Value{raw}, target)
		if rejected != nil || ready[0].Get("name").Text != p.Name {
			continue
		}
		if p.Script == "" || ecosystem.Prepare(ready[0], target, nil).Script == p.Script {
			return raw, nil
		}
	}
	return ecosystem.Value{}, fmt.Errorf("it starts no app of this name and script")
}

// addConfig adds the app's settings in a file, without values.
func (t *taker) addConfig(name string, app ecosystem.Value) {
	settings, ok := app.Plain().(map[string]any)
	if !ok {
		t.leave(name, "what stands there for the app is no object")
		return
	}
	if full, err := filepath.Abs(name); err == nil {
		name = full
	}
	t.addJSON(path.Join(dirConfig, strings.ReplaceAll(strings.TrimPrefix(name, "/"), "/", "~")+reduced), reducer{t.veil}.reduceApp(settings))
	t.leave(name, "of it the app's settings are taken alone: no text, no comments, no other apps, no deploy section")
}
