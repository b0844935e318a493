package lint

import (
	"path/filepath"
	"regexp"
	"strings"
)

func p012() Rule {
	return Rule{
		ID: "P012", Severity: Error,
		Title:  "an interpreter that is not there",
		Why:    "PM2 looks for the interpreter before it starts an app: a path from the directory that pm2 is called in, and not from the app's cwd; a name on PATH, where node_modules/.bin is only under npm run and npx. Where it finds none it skips the app (\"Interpreter tsx is NOT AVAILABLE in PATH\") and starts the others, with exit code 1. The same on 5.4.3, 6.0.14 and 7.0.4.",
		Fix:    "An absolute path: in a JavaScript file, __dirname + \"/node_modules/.bin/tsx\".",
		Source: "lib/Common.js:476, lib/tools/which.js",
		Apps: func(a App) []Finding {
			by := a.getText("exec_interpreter")
			if by == "" && a.Rejected == nil && !a.Plan.Cluster && (a.Plan.Interpreter == "coffee" || a.Plan.Interpreter == "lsc") {
				return listOne(a.report("script", "PM2 looks for %s within its own package, where it has none: it skips the app.", a.Plan.Interpreter).
					setFix("Compile the script; or interpreter: %s.", a.formatProjectPath("node_modules/.bin/"+a.Plan.Interpreter)))
			}
			if by == "" || by == noProgram || a.Rejected != nil || a.of.Disk == nil || strings.ContainsAny(by, `\@~`) {
				return nil
			}
			if len(c003().Apps(a))+len(c014().Apps(a)) > 0 {
				return nil
			}
			if !strings.Contains(by, "/") {
				return a.checkNamed(by)
			}
			return a.checkPath(by)
		},
	}
}

// checkNamed returns the finding of an interpreter that is a name: whether it is on the
// target's PATH is not known here.
func (a App) checkNamed(by string) []Finding {
	local := "node_modules/.bin/" + by
	switch {
	case common.MatchString(by):
		return nil
	case a.of.hasFile(joinPath(a.of.findDir(), local)) || a.of.hasPackage(by):
		return listOne(a.report("exec_interpreter", "PM2 looks for %s on PATH, and not in node_modules/.bin: without a global installation it skips the app.", by).setSeverity(Warning).
			setFix("interpreter: %s; or install it for the whole host.", a.formatProjectPath(local)))
	}
	return listOne(a.report("exec_interpreter", "%s must be on the PATH that pm2 is called with; else PM2 skips the app.", by).setSeverity(Info).setFix("Nothing, if it is."))
}

// checkPath returns the finding of an interpreter that is a path.
func (a App) checkPath(by string) []Finding {
	s := a.of
	file := joinPath(s.Target.Cwd, by)
	switch {
	case s.hasFile(file) || !filepath.IsAbs(by) && s.hasFile(joinPath(s.findDir(), by)) && s.findDir() == a.Plan.Cwd:
		return nil
	case !filepath.IsAbs(by) && s.hasFile(joinPath(a.Plan.Cwd, by)):
		return listOne(a.report("exec_interpreter", "PM2 looks for %s, from where it is called, and not in the app's cwd.", file).
			setFix("An absolute path: %s.", joinPath(a.Plan.Cwd, by)))
	case filepath.IsAbs(by) && !isWithin(findRoot(s), by) && !isWithin(s.findDir(), by):
		return listOne(a.report("exec_interpreter", "%s is not checked: it is not on this machine.", by).setSeverity(Info).setFix("Nothing, if it is there on the host; validate there to be sure."))
	case isMadeByBuild(s, file):
		return listOne(a.report("exec_interpreter", "There is no %s yet; without it PM2 skips the app.", file).setSeverity(Info).setFix("Install it before PM2 is called."))
	}
	return listOne(a.report("exec_interpreter", "There is no %s.", file).setFix("Mend the path; an absolute one is best."))
}

// formatProjectPath returns a path below the configuration's directory, as the file can
// write it.
func (a App) formatProjectPath(name string) string {
	if a.of.Dialect != "js" {
		return `"/ABSOLUTE/PATH/` + name + `"`
	}
	return "__dirname + \"/" + name + "\""
}

// hasPackage reports whether the project's package.json has the package.
func (s *Subject) hasPackage(pkg string) bool {
	head, ok := s.Disk.Head(filepath.Join(findRoot(s), "package.json"))
	return ok && regexp.MustCompile(`"`+regexp.QuoteMeta(pkg)+`"\s*:\s*"[\^~\d*]`).Match(head)
}

// common are interpreters that a host for such an app has.
var common = regexp.MustCompile(`^(node|nodejs|sh|bash|dash|perl|python[23]?)$`)
