package lint

import (
	"path/filepath"
	"regexp"
	"slices"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func e009() Rule {
	return Rule{
		ID: "E009", Severity: Warning,
		Title:  "a command with an environment that no app has",
		Why:    "A script of package.json, or what `pm2 deploy` runs after the update, starts the file with --env NAME, and no app has env_NAME. PM2 prints \"Environment [NAME] is not defined in process file\" and starts the apps without: what was to be production runs as whatever else env says.",
		Fix:    "Give each app that environment, or call pm2 without --env.",
		Source: "lib/Common.js:646",
		File: func(s *Subject) []Finding {
			if s.Target.Env != "" || len(s.Apps) == 0 {
				return nil // E004 says so
			}
			var said []string
			var out []Finding
			for _, c := range s.listCommands() {
				for _, m := range withEnv.FindAllStringSubmatch(c.text, -1) {
					if getBase(m[1]) != getBase(s.Path) || slices.Contains(said, m[2]) || s.hasEnv(m[2]) {
						continue
					}
					said = append(said, m[2])
					out = append(out, s.Apps[0].report("env", "%s starts the file with --env %s, and no app has env_%s.", c.where, m[2], m[2]).
						setFix("Give each app env_%s, or call pm2 without --env.", m[2]))
				}
			}
			return out
		},
	}
}

// withEnv is a command that starts a configuration with an environment.
var withEnv = regexp.MustCompile(`\bpm2(?:-runtime)?\s+(?:[^&|;"]*?\s)?([^\s;&|"']+\.(?:json|ya?ml|[cm]?js))\b[^&|;"]*?\s--env[ =]["']?([A-Za-z][\w-]*)`)

// command is a command line of the project's, and where it stands.
type command struct{ where, text string }

// listCommands returns the commands in the deploy section and the package.json around the
// file. No caller may change them.
func (s *Subject) listCommands() []command { return s.project.commands.get(s.findCommands) }

func (s *Subject) findCommands() []command {
	var out []command
	for _, env := range s.Config.Deploy.Fields {
		for _, f := range env.Value.Fields {
			if f.Value.Is(ecosystem.String) && findPlaceholder(env.Value) == "" {
				out = append(out, command{"deploy." + env.Key + "." + f.Key, f.Value.Text})
			}
		}
	}
	if s.Disk == nil {
		return out
	}
	for _, dir := range slices.Compact([]string{s.findDir(), findRoot(s)}) {
		head, ok := s.Disk.Head(filepath.Join(dir, "package.json"))
		for _, line := range quotedText.FindAllString(string(head), -1) {
			if ok {
				out = append(out, command{"package.json", line})
			}
		}
	}
	return out
}

// quotedText is a string of a JSON text.
var quotedText = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"`)

// hasEnv reports whether --env NAME changes something, or every app says in any case that
// it runs as NAME.
func (s *Subject) hasEnv(name string) bool {
	if len(s.Config.Deploy.Get(name).Get("env").Fields) > 0 {
		return true // PM2 merges it, too
	}
	same := true
	for _, a := range s.Apps {
		if a.Raw.Has(ecosystem.EnvPrefix + name) {
			return true
		}
		same = same && a.Raw.Get("env").Get("NODE_ENV").Text == name
	}
	return same
}
