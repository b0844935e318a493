package lint

import (
	"regexp"
	"strings"
)

func l007() Rule {
	return Rule{
		ID: "L007", Severity: Warning,
		Title:  "loading the file does something to the host",
		Why:    "The file is loaded by every start, restart, reload, stop and delete of it, in the process of pm2 itself. What it does besides describing apps (prints, writes, runs a command, ends the process) is done each time: output mixes with that of pm2, a command delays every operation, process.exit ends pm2 half way. Output, a folder that is made, and a command that only asks (which node) are a remark.",
		Fix:    "Move it to the script that deploys, and hand the result over in an environment variable.",
		Source: "lib/API.js:940",
		File: func(s *Subject) []Finding {
			var calls []string
			seen, severity := map[string]bool{}, Info
			for _, e := range s.Loaded.Effects {
				what := e.What + ": " + e.Call
				if seen[what] || strings.Contains(e.Call, "[dotenv@") {
					continue // what dotenv says of itself harms nobody
				}
				seen[what] = true
				calls = append(calls, what)
				if e.What != "prints" && !strings.HasPrefix(e.Call, "fs.mkdir") && !asking.MatchString(e.Call) { // a folder for logs stays as it is
					severity = Warning
				}
			}
			if len(calls) == 0 {
				return nil
			}
			if n := len(calls) - 3; n > 0 {
				calls = append(calls[:3], "and more")
			}
			return listOne(s.report("", "Loading the file has effects: it %s.", strings.Join(calls, "; ")).setSeverity(severity))
		},
	}
}

// asking is the call of a command that only tells something of the host or the project.
var asking = regexp.MustCompile(`^child_process\.\w+\("(which|command -v|type|where|hostname|nproc|uname|whoami|pwd|date|git (rev-parse|describe|log|branch|config --get)|(node|npm|python3?|bun) (-v|-V|--version))\b[^|;&<>]*"`)
