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
			script := a.getScript()
			if script == "" || a.Plan.Script == "" || strings.Contains(script, " ") || script == "serve" || a.of.Disk == nil {
				return nil
			}
			beside := filepath.Join(a.of.findDir(), script)
			if a.of.Disk.Exists(a.Plan.Script) || a.of.Disk.Exists(beside) || isProgram(script) {
				return nil
			}
			if len(p009().Apps(a)) > 0 {
				return nil
			}
			if dir := a.findForeignDir(); dir != "" {
				return listOne(a.report("script", "%s is not checked: it is not on this machine, in %s.", script, dir).setSeverity(Info).setFix("Nothing, if it is there on the host; validate there to be sure."))
			}
			at := a.Plan.Script
			if !a.has("cwd") && a.of.hasFile(filepath.Join(a.of.findDir(), "package.json")) {
				at = beside // a package of its own, in which pm2 is called
			}
			f := a.report("script", "There is no %s.", at)
			switch calls := a.of.calls(); {
			case calls.moved:
				f = f.setSeverity(Info).setFix("Nothing, if it is there where the project's commands copy the configuration to.")
			case isMadeByBuild(a.of, a.Plan.Script) || isMadeByBuild(a.of, beside) || a.of.isCopied():
				f = f.setSeverity(Info).setFix("Nothing, if the app is built or installed before PM2 is called.")
			case a.isCloned():
				f = f.setSeverity(Info).setFix("Nothing, if the script is there where the project's commands clone the repository to.")
			case a.of.template():
				f = f.setSeverity(Info).setFix("Nothing, if the script is there where the copy of the file is used.")
			case a.standsIn() != "":
				f = f.setSeverity(Warning).setFix("Set the app's cwd to %s, where %s is; or call pm2 there.", a.standsIn(), a.getScript())
			case slices.ContainsFunc(strings.Split(filepath.ToSlash(script), "/"), isBuildDir), a.of.hasBuild():
				f = f.setSeverity(Warning).setFix("Build the app before PM2 is called; if it is built, mend the path.")
			}
			return listOne(f)
		},
	}
}

// isCloned reports whether the first folder of the script's path is not here, and a script
// or an image of the project clones a repository of that name into it.
func (a App) isCloned() bool {
	below, err := filepath.Rel(a.of.Target.Cwd, a.Plan.Script)
	folder, _, deep := strings.Cut(filepath.ToSlash(below), "/")
	if err != nil || !deep || folder == ".." || a.of.hasFile(joinPath(a.of.Target.Cwd, folder)) {
		return false
	}
	clones := regexp.MustCompile(`\bgit clone\b[^\n;&|]*[/\s]` + regexp.QuoteMeta(folder) + `(\.git)?/?(\s|$)`)
	return slices.ContainsFunc(a.of.texts(), clones.MatchString)
}

// findForeignDir returns the absolute directory in which the script is to be found, if
// this machine has no such directory: the file is for another one. It returns "" if the
// machine has it, or if the directory is below the configuration's own, which is here.
func (a App) findForeignDir() string {
	s, dir := a.of, a.Plan.Cwd
	if cwd := a.getText("cwd"); windows.MatchString(a.getScript()) || windows.MatchString(cwd) && !filepath.IsAbs(a.getScript()) {
		return "a path of Windows"
	}
	if filepath.IsAbs(a.getScript()) {
		if dir = filepath.Dir(a.getScript()); systemDirs.MatchString(dir) && !isWithin(findRoot(s), dir) {
			return dir // what is installed there differs from host to host
		}
	} else if !filepath.IsAbs(a.getText("cwd")) {
		return ""
	}
	if s.Disk.Exists(dir) || isWithin(s.findDir(), dir) || isWithin(findRoot(s), dir) {
		return ""
	}
	return dir
}

// systemDirs are where a host keeps programs.
var systemDirs = regexp.MustCompile(`^/(usr|bin|sbin|snap|nix|opt)(/|$)`)

// windows is the beginning of an absolute path of Windows.
var windows = regexp.MustCompile(`^([A-Za-z]:[\\/]|\\\\)`)

// isWithin reports whether a path is a directory or below it.
func isWithin(dir, name string) bool {
	rel, err := filepath.Rel(dir, name)
	return dir != "" && err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

// isProgram reports whether a script is the name of a program, which PM2 finds on PATH.
func isProgram(script string) bool {
	return !strings.Contains(script, "/") && (filepath.Ext(script) == "" || versioned.MatchString(script))
}

// versioned is the name of a program with its version: python3.9.
var versioned = regexp.MustCompile(`^[a-z]+-?\d+(\.\d+)+$`)

// standsIn is the folder of the project in which the script is, "" if it is in none of them.
func (a App) standsIn() string {
	if filepath.IsAbs(a.getScript()) {
		return ""
	}
	for _, name := range a.of.project.folders.get(func() []string { return a.of.Disk.Names(a.of.findTop()) }) {
		if dir := filepath.Join(a.of.findTop(), name); name != "node_modules" && a.of.hasFile(joinPath(dir, a.getScript())) {
			return name
		}
	}
	return ""
}
