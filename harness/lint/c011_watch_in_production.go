package lint

import (
	"regexp"
	"slices"
	"strings"
)

func c011() Rule {
	return Rule{
		ID: "C011", Severity: Error,
		Title:  "watch in production",
		Why:    "Every file that changes below the app restarts it, by force and all workers at once: an upload, a log, a lock file, each step of a deployment. An app that wrote its own log restarted itself 11 times in 10 s. watch is a setting of the app: --env does not change it.",
		Fix:    "watch: false; reload after a deployment.",
		Source: "lib/Watcher.js:38",
		Apps: func(a App) []Finding {
			if !a.isWatched() || len(k012().Apps(a)) > 0 {
				return nil
			}
			chosen := a.listNarrowed()
			f := a.report("watch", "Any file that changes restarts %s.", a.describeWorkers())
			if len(chosen) > 0 {
				f = a.report("watch", "A change of %s restarts %s.", strings.Join(chosen, ", "), a.describeWorkers())
			}
			switch runs := a.buildEnv().Get("NODE_ENV").Text; {
			case watchByEnv.Match(a.of.Source):
				f = f.setSeverity(Info).setFix("Nothing, if the environment that pm2 is called in says that it is production: --os-env has it looked at so.")
			case a.isDevelopment(), runs != "production" && forDevelopers.MatchString(a.Name) && !a.of.startsInProduction():
				f = f.setSeverity(Info).setFix("Nothing, on a developer's machine.")
			case len(chosen) > 0 && (runs != "production" || a.watchesBuild(chosen)):
				f = f.setSeverity(Info).setFix("Nothing, if that is how a new version is to be started; else watch: false, and a reload after a deployment.")
			case len(chosen) > 0, runs != "production":
				f = f.setSeverity(Warning)
			}
			return listOne(f)
		},
	}
}

// watchesBuild reports whether each of the paths is one that a build makes, and the script is
// in: who chooses that has the build restart the app.
func (a App) watchesBuild(paths []string) bool {
	return !slices.ContainsFunc(paths, func(p string) bool {
		return !isBuildDir(getBase(p)) || !isWithin(joinPath(a.Plan.Cwd, p), joinPath(a.Plan.Cwd, a.getScript()))
	})
}

// watchByEnv is a watch that a variable of the caller decides.
var watchByEnv = regexp.MustCompile(`\bwatch["']?\s*:\s*[^,\n{}]*\bprocess\.env\b`)

// listNarrowed returns the paths that watch names, if they are parts of the app only.
func (a App) listNarrowed() []string {
	paths := a.listTexts("watch")
	if slices.ContainsFunc(paths, func(p string) bool {
		return isWithin(joinPath(a.Plan.Cwd, p), a.Plan.Cwd) || strings.ContainsAny(p, "*")
	}) {
		return nil
	}
	return paths
}

// describeWorkers names what a restart of the app ends.
func (a App) describeWorkers() string {
	if a.Plan.Workers > 1 {
		return formatCount(a.Plan.Workers, "worker") + " at once"
	}
	return "the app"
}

// isDevelopment reports whether the app or its file says that it is for a developer's
// machine, and nothing says that it is in production.
func (a App) isDevelopment() bool {
	says := slices.ContainsFunc(a.listEnvs(), func(key string) bool {
		return forDevelopers.MatchString(a.Raw.Get(key).Get("NODE_ENV").Text)
	})
	production := a.isProduction()
	if forDevelopers.MatchString(getBase(a.of.Path)) && !a.of.startsInProduction() {
		production = a.buildEnv().Get("NODE_ENV").Text == "production" // nobody chooses another
	}
	return !production && (says || forDevelopers.MatchString(a.Name) || forDevelopers.MatchString(getBase(a.of.Path)) || forDevelopers.MatchString(a.getScript()+" "+strings.Join(a.listTexts("args"), " ")))
}

// startsInProduction reports whether a command of the project starts the file with --env
// production.
func (s *Subject) startsInProduction() bool {
	return slices.ContainsFunc(s.listCommands(), func(c command) bool {
		return slices.ContainsFunc(withEnv.FindAllStringSubmatch(c.text, -1), func(m []string) bool {
			return getBase(m[1]) == getBase(s.Path) && strings.HasPrefix(m[2], "prod")
		})
	})
}

// forDevelopers are words for what runs while it is written.
var forDevelopers = regexp.MustCompile(`(?i)(^|[^a-z])(dev|develop(ment)?|local|test)([^a-z]|$)`)
