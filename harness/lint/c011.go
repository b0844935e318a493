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
			if !a.watched() || len(k012().Apps(a)) > 0 {
				return nil
			}
			chosen := a.narrowed()
			f := a.says("watch", "Any file that changes restarts %s.", a.everyWorker())
			if len(chosen) > 0 {
				f = a.says("watch", "A change of %s restarts %s.", strings.Join(chosen, ", "), a.everyWorker())
			}
			switch runs := a.env().Get("NODE_ENV").Text; {
			case a.development():
				f = f.as(Info).fix("Nothing, on a developer's machine.")
			case len(chosen) > 0 && runs != "production":
				f = f.as(Info).fix("Nothing, if that is how a new version is to be started; else watch: false, and a reload after a deployment.")
			case len(chosen) > 0, runs != "production":
				f = f.as(Warning)
			}
			return one(f)
		},
	}
}

// narrowed are the paths that watch names, if they are parts of the app only.
func (a App) narrowed() []string {
	paths := a.list("watch")
	if slices.ContainsFunc(paths, func(p string) bool {
		return within(joined(a.Plan.Cwd, p), a.Plan.Cwd) || strings.ContainsAny(p, "*")
	}) {
		return nil
	}
	return paths
}

// everyWorker names what a restart of the app ends.
func (a App) everyWorker() string {
	if a.Plan.Workers > 1 {
		return counted(a.Plan.Workers, "worker") + " at once"
	}
	return "the app"
}

// development reports whether the app or its file says that it is for a developer's
// machine, and nothing says that it is in production.
func (a App) development() bool {
	says := slices.ContainsFunc(a.envs(), func(key string) bool {
		return forDevelopers.MatchString(a.Raw.Get(key).Get("NODE_ENV").Text)
	})
	production := a.production()
	if forDevelopers.MatchString(base(a.of.Path)) && !a.of.startsInProduction() {
		production = a.env().Get("NODE_ENV").Text == "production" // nobody chooses another
	}
	return !production && (says || forDevelopers.MatchString(a.Name) || forDevelopers.MatchString(base(a.of.Path)) || forDevelopers.MatchString(a.script()+" "+strings.Join(a.list("args"), " ")))
}

// startsInProduction reports whether a command of the project starts the file with --env
// production.
func (s *Subject) startsInProduction() bool {
	return slices.ContainsFunc(s.commands(), func(c command) bool {
		return slices.ContainsFunc(withEnv.FindAllStringSubmatch(c.text, -1), func(m []string) bool {
			return base(m[1]) == base(s.Path) && strings.HasPrefix(m[2], "prod")
		})
	})
}

// forDevelopers are words for what runs while it is written.
var forDevelopers = regexp.MustCompile(`(?i)(^|[^a-z])(dev|develop(ment)?|local|test)([^a-z]|$)`)
