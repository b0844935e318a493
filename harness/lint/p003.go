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
			s, script := a.of, a.script()
			if strings.Contains(script, " ") || windows.MatchString(script) || windows.MatchString(a.text("cwd")) {
				return nil // a command of the shell, or a path that is absolute on Windows
			}
			if s.Disk == nil || script == "" || filepath.IsAbs(script) || program(script) || filepath.IsAbs(a.text("cwd")) || a.Rejected != nil {
				return nil
			}
			here, there := s.dir(), root(s)
			if there == here || there == "" {
				return nil
			}
			f := a.says("script", "%s is looked for in the directory that pm2 is called in: %s or %s?", script, here, there)
			if !s.exists(joined(here, script)) && (s.exists(joined(there, script)) || !a.has("cwd")) {
				f = f.as(Info).fix("Nothing, if pm2 is always called in %s; else cwd: __dirname, and paths relative to the configuration.", there)
			}
			return one(f)
		},
	}
}

// root is the directory of the project that the file is in, "" if there is none.
func root(s *Subject) string { return ecosystem.Project(s.dir(), s.Disk.Exists) }
