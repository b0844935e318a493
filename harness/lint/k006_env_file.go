package lint

import (
	"path/filepath"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/redact"
)

func k006() Rule {
	return Rule{
		ID: "K006", Severity: Error,
		Title:  "env_file, which loads no file",
		Why:    "PM2 takes any key that begins with env_ for an environment of that name, so that env_file passes its checks as the environment \"file\". Nothing in PM2 reads the file that it names: an app that does not read it itself starts without its variables. Where the app, its command or a library of the project seems to read it, the finding is a remark.",
		Fix:    "Load the file in the app; or, with Node 20.6 and newer, node_args: [\"--env-file=PATH\"], where PATH is absolute in cluster mode.",
		Source: "lib/API/schema.json (^env_\\S*$); github.com/Unitech/pm2/issues/3388",
		Apps: func(a App) []Finding {
			if !a.Raw.Get("env_file").Truthy() {
				return nil
			}
			file := a.Raw.Get("env_file").Text
			if file == "" {
				file = ".env"
			}
			if by := a.findLoader(file); by != "" {
				return listOne(a.report("env_file", "PM2 does not read %s; the app seems to read it without PM2, by %s.", a.formatPath("env_file"), by).setSeverity(Info).
					setFix("Remove env_file, which does nothing; see that what the app reads is this file."))
			}
			f := a.report("env_file", "PM2 does not read %s: if the app does not read it either, it has none of its variables.", a.formatPath("env_file"))
			return listOne(f.setFix("%s", a.describeFileLoad(file)))
		},
	}
}

// formatPath returns the path under the key as findings show it: itself, unless there may
// be a secret in it.
func (a App) formatPath(key string) string {
	if v := a.Raw.Get(key); v.Is(ecosystem.String) && redact.Text(v.Text) == v.Text {
		return v.Text
	}
	return "the file"
}

// describeFileLoad says how the app gets the variables of a file. Node resolves a
// relative --env-file against the daemon's directory in cluster mode, and ends if it is
// not there.
func (a App) describeFileLoad(file string) string {
	switch {
	case !a.Plan.OnNode() || a.Plan.Launcher != "" || !a.of.Target.NodeAtLeast("20.6.0"):
		return "Load the file in the app, with dotenv or the like; or put the variables into env."
	case !a.Plan.Cluster:
		return "node_args: [\"--env-file=" + file + "\"], which in fork mode Node looks for in the app's cwd; or load the file in the app."
	case filepath.IsAbs(file):
		return "node_args: [\"--env-file=" + file + "\"]; or load the file in the app."
	case a.of.Dialect == ecosystem.Module:
		return "node_args: [`--env-file=${__dirname}/" + strings.TrimPrefix(file, "./") + "`]: in cluster mode Node looks for a relative path in the daemon's directory, and ends if it is not there. Or load the file in the app."
	}
	return "node_args: [\"--env-file=/ABSOLUTE/PATH/" + getBase(file) + "\"]: in cluster mode Node looks for a relative path in the daemon's directory, and ends if it is not there. Or load the file in the app."
}
