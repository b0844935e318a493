package lint

import (
	"path/filepath"
	"slices"
	"strings"
)

func p001() Rule {
	return Rule{
		ID: "P001", Severity: Error,
		Title:  "the script is not there",
		Why:    "PM2 looks for the script in the app's cwd, then on PATH; where it finds none it skips the app and starts the others: a rollout that is half done, with exit code 1.",
		Fix:    "Mend the path, build the app first, or set cwd.",
		Source: "lib/Common.js:132",
		Apps: func(a App) []Finding {
			script := a.script()
			if script == "" || a.Rejected != nil || strings.Contains(script, " ") || script == "serve" || a.of.Disk == nil {
				return nil
			}
			beside := filepath.Join(a.of.dir(), script)
			if a.of.Disk.Exists(a.Plan.Script) || a.of.Disk.Exists(beside) || program(script) {
				return nil
			}
			f := a.says("script", "There is no %s.", a.Plan.Script)
			if built(script) {
				f = f.as(Warning).fix("Build the app before PM2 is called.")
			}
			return one(f)
		},
	}
}

// program reports whether a script is the name of a program, which PM2 finds on PATH.
func program(script string) bool {
	return !strings.Contains(script, "/") && filepath.Ext(script) == ""
}

// built reports whether a path is one that a build makes.
func built(script string) bool {
	return slices.ContainsFunc(strings.Split(filepath.ToSlash(script), "/"), func(part string) bool {
		return slices.Contains([]string{"dist", "build", "out", "lib", "output", ".next", ".nuxt", ".output", ".svelte-kit", "target", "public", "node_modules"}, part)
	})
}
