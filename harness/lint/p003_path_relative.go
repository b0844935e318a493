package lint

import (
	"path/filepath"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func p003() Rule {
	return Rule{
		ID: "P003", Severity: Warning,
		Title:  "paths that depend on where pm2 is called",
		Why:    "PM2 resolves script and logs against the app's cwd, and without one against the directory that pm2 is called in, never against the configuration's own. A file in a sub-directory works from one place, and not from a cron job, a unit file or a colleague's shell.",
		Fix:    "cwd: __dirname, and paths relative to the configuration.",
		Source: "lib/Common.js:128",
		Apps: func(a App) []Finding {
			s, script := a.of, a.getScript()
			if strings.Contains(script, " ") || windows.MatchString(script) || windows.MatchString(a.getText("cwd")) {
				return nil // a command of the shell, or a path that is absolute on Windows
			}
			if s.Disk == nil || script == "" || filepath.IsAbs(script) || isProgram(script) || filepath.IsAbs(a.getText("cwd")) || a.Rejected != nil {
				return nil
			}
			here, there := s.findDir(), findRoot(s)
			if there == here || there == "" {
				return nil
			}
			f := a.report("script", "%s is looked for in the directory that pm2 is called in: %s or %s?", script, here, there)
			from := func(dir string) string { return joinPath(joinPath(dir, a.getText("cwd")), script) }
			installed := strings.Contains(script, "node_modules/") && !s.hasFile(joinPath(here, "package.json"))
			if !s.hasFile(from(here)) && (installed || s.hasFile(from(there)) || !a.has("cwd")) {
				f = f.setSeverity(Info).setFix("Nothing, if pm2 is always called in %s; else cwd: __dirname, and paths relative to the configuration.", there)
			}
			if s.calls().moved {
				f = f.setSeverity(Info).setFix("Nothing, if pm2 is called where the project's commands copy the configuration to; else cwd: __dirname, and paths relative to the configuration.")
			}
			return listOne(f)
		},
	}
}

// findRoot returns the directory of the project that the file is in, "" if there is none.
func findRoot(s *Subject) string { return ecosystem.Project(s.findDir(), s.Disk.Exists) }
