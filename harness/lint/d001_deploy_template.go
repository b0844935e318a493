package lint

import (
	"regexp"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func d001() Rule {
	return Rule{
		ID: "D001", Severity: Info,
		Title:  "a deploy section as `pm2 ecosystem` has made it",
		Why:    "The section still has the words that stand for a user, a host or a repository in PM2's template: `pm2 deploy` fails with it, and somebody will take it for one that works.",
		Fix:    "Fill it in, or remove it.",
		Source: "lib/templates/ecosystem.tpl",
		File: func(s *Subject) []Finding {
			var out []Finding
			for _, env := range s.Config.Deploy.Fields {
				if slot := findPlaceholder(env.Value); slot != "" {
					out = append(out, s.report("deploy", "deploy.%s has %s in it.", env.Key, slot))
				}
			}
			return out
		},
	}
}

var templateWord = regexp.MustCompile(`SSH_USERNAME|SSH_HOSTMACHINE|GIT_REPOSITORY|DESTINATION_PATH`)

// findPlaceholder returns the first word of the template in the value, "" if there is
// none.
func findPlaceholder(v ecosystem.Value) string {
	if v.Is(ecosystem.String) {
		return templateWord.FindString(v.Text)
	}
	for _, x := range v.Items {
		if s := findPlaceholder(x); s != "" {
			return s
		}
	}
	for _, f := range v.Fields {
		if s := findPlaceholder(f.Value); s != "" {
			return s
		}
	}
	return ""
}
