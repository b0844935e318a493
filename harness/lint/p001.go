package lint

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func p001() Rule {
	return Rule{
		ID: "P001", Severity: Error,
		Title:  "the script is not there",
		Why:    "PM2 looks for the script in the app's cwd, then on PATH; where it finds none it skips the app and starts the others: a rollout that is half done, with exit code 1. Absolute paths of the server cannot be checked on another machine.",
		Fix:    "Mend the path, build the app first, or set cwd.",
		Source: "lib/Common.js:132",
		Apps: func(a App) []Finding {
			script := a.script()
			if script == "" || a.Plan.Script == "" || strings.Contains(script, " ") || script == "serve" || a.of.Disk == nil {
				return nil
			}
			beside := filepath.Join(a.of.dir(), script)
			if a.of.Disk.Exists(a.Plan.Script) || a.of.Disk.Exists(beside) || program(script) {
				return nil
			}
			if len(p009().Apps(a)) > 0 {
				return nil
			}
			if dir := a.elsewhere(); dir != "" {
				return one(a.says("script", "%s is not checked: it is not on this machine, in %s.", script, dir).as(Info).fix("Nothing, if it is there on the host; validate there to be sure."))
			}
			f := a.says("script", "There is no %s.", a.Plan.Script)
			switch {
			case made(a.of, a.Plan.Script) || made(a.of, beside) || a.of.copied():
				f = f.as(Info).fix("Nothing, if the app is built or installed before PM2 is called.")
			case slices.ContainsFunc(strings.Split(filepath.ToSlash(script), "/"), built), a.of.builds():
				f = f.as(Warning).fix("Build the app before PM2 is called; if it is built, mend the path.")
			}
			return one(f)
		},
	}
}

// elsewhere is the absolute directory that the script is to be found in, if this
// machine has no such directory: the file is for another one. "" if it has, or if the
// directory is below the configuration's own, which is here.
func (a App) elsewhere() string {
	s, dir := a.of, a.Plan.Cwd
	if cwd := a.text("cwd"); windows.MatchString(a.script()) || windows.MatchString(cwd) && !filepath.IsAbs(a.script()) {
		return "a path of Windows"
	}
	if filepath.IsAbs(a.script()) {
		if dir = filepath.Dir(a.script()); systemDirs.MatchString(dir) && !within(root(s), dir) {
			return dir // what is installed there differs from host to host
		}
	} else if !filepath.IsAbs(a.text("cwd")) {
		return ""
	}
	if s.Disk.Exists(dir) || within(s.dir(), dir) || within(root(s), dir) {
		return ""
	}
	return dir
}

// systemDirs are where a host keeps programs.
var systemDirs = regexp.MustCompile(`^/(usr|bin|sbin|snap|nix|opt)(/|$)`)

// windows is the beginning of an absolute path of Windows.
var windows = regexp.MustCompile(`^([A-Za-z]:[\\/]|\\\\)`)

// within reports whether a path is a directory or below it.
func within(dir, name string) bool {
	rel, err := filepath.Rel(dir, name)
	return dir != "" && err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

// program reports whether a script is the name of a program, which PM2 finds on PATH.
func program(script string) bool {
	return !strings.Contains(script, "/") && filepath.Ext(script) == ""
}
