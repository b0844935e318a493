package lint

import (
	"regexp"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func d002() Rule {
	return Rule{
		ID: "D002", Severity: Warning,
		Title:  "a deploy section that `pm2 deploy` cannot use",
		Why:    "`pm2 deploy` refuses an environment that lacks host, repo, path or ref. What it runs after the update names the configuration: where that is another file than this one, the release starts with other settings, or with none.",
		Fix:    "Give each environment host, repo, path and ref, and name this file in post-deploy.",
		Source: "node_modules/pm2-deploy/deploy.js:20",
		File: func(s *Subject) []Finding {
			var out []Finding
			for _, env := range s.Config.Deploy.Fields {
				if !env.Value.Is(ecosystem.Object) || len(env.Value.Fields) == 0 || findPlaceholder(env.Value) != "" {
					continue
				}
				if lacks := listMissingKeys(env.Value); lacks != "" {
					out = append(out, s.report("deploy", "deploy.%s lacks %s.", env.Key, lacks))
				}
				if other := s.findOtherConfig(env.Value.Get("post-deploy").String()); other != "" {
					out = append(out, s.report("deploy", "deploy.%s starts %s after the update, and this file is %s.", env.Key, other, getBase(s.Path)).setFix("Name %s in post-deploy.", getBase(s.Path)))
				}
			}
			return out
		},
	}
}

// listMissingKeys names the keys that `pm2 deploy` asks for and the environment lacks.
func listMissingKeys(env ecosystem.Value) string {
	var out []string
	for _, key := range []string{"host", "repo", "path", "ref"} {
		if !env.Has(key) {
			out = append(out, key)
		}
	}
	return strings.Join(out, ", ")
}

var started = regexp.MustCompile(`\bpm2\s+(?:start|reload|restart|startOrRestart|startOrReload|startOrGracefulReload)\s+(?:--?\S+\s+)*([^\s;&|]+\.(?:json|ya?ml|[cm]?js))`)

// findOtherConfig returns the configuration that a command starts, if it is not this one
// and is not beside it; else "".
func (s *Subject) findOtherConfig(command string) string {
	m := started.FindStringSubmatch(command)
	if m == nil || ecosystem.DialectOf(getBase(m[1])) == ecosystem.App || getBase(m[1]) == getBase(s.Path) || s.Disk != nil && s.Disk.Exists(joinPath(s.findDir(), m[1])) {
		return ""
	}
	return m[1]
}
