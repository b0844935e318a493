package redact

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
)

// LearnFolder learns the secrets in the settings of an app's folder: files of variables,
// .npmrc, ecosystem files, the scripts and URLs of package.json, the remotes of git.
func (r *Redactor) LearnFolder(dir string) {
	for _, pattern := range []string{".env*", "*.env", "config/.env*", "config/*.env", "conf/.env*", "conf/*.env"} {
		for _, name := range r.listSome(dir, pattern) {
			r.LearnVariables(Dotenv(string(r.readSmall(name))))
		}
	}
	r.LearnVariables(Dotenv(string(r.readSmall(filepath.Join(dir, ".npmrc")))))
	r.learnGit(string(r.readSmall(filepath.Join(dir, ".git", "config"))))
	var manifest struct{ Scripts map[string]string }
	text := r.readSmall(filepath.Join(dir, "package.json"))
	r.learn(listURLSecrets(string(text)))
	if json.Unmarshal(text, &manifest) == nil {
		for _, script := range manifest.Scripts {
			r.learnCommand(script)
		}
	}
	for _, name := range r.listSome(dir, "ecosystem*") {
		text := string(r.readSmall(name))
		r.learnText(text)
		if ext := filepath.Ext(name); ext == ".yaml" || ext == ".yml" {
			r.learnYAML(text)
		}
	}
}

// listSome returns up to 16 files that a pattern finds in a folder.
func (r *Redactor) listSome(dir, pattern string) []string {
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return nil
	}
	return files[:min(len(files), 16)]
}

var (
	remoteURL = regexp.MustCompile(`(?m)^\s*(?:url|pushurl)\s*=\s*(\S.*)$`)
	gitHeader = regexp.MustCompile(`(?mi)^\s*extraheader\s*=\s*"?[\w-]+:\s*(?:\w+\s+)?([^\s"]+)`)
	literal   = regexp.MustCompile(`"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|\x60((?:[^\x60\\]|\\.)*)\x60`)
	variable  = regexp.MustCompile(`\b[A-Z][A-Z0-9_]*["']?\s*:\s*(\d{8,})n?\b`) // ID: 48291734
	command   = regexp.MustCompile(`^-|\s-|^\w+=\S*\s|\s\w+=`)
	yamlPair  = regexp.MustCompile(`(?m)^[ \t]*(?:- +)?([\w.-]+):[ \t]+([^\s|>&*{[].*)$`)
	yamlItem  = regexp.MustCompile(`(?m)^[ \t]*- +([^\s|>&*{[].*)$`)
)

// learnGit learns the parts of the remotes' URLs, and what git sends in headers.
func (r *Redactor) learnGit(text string) {
	for _, m := range remoteURL.FindAllStringSubmatch(text, -1) {
		r.learn(listURLSecrets(m[1]))
	}
	for _, m := range gitHeader.FindAllStringSubmatch(text, -1) {
		r.learn(splitParts(m[1], minKnown))
	}
}

// learnCommand learns the arguments and variables of a command line.
func (r *Redactor) learnCommand(line string) {
	r.LearnArguments(splitShellWords(line))
	var values []string
	for _, x := range findNamed(line) {
		values = append(values, splitParts(line[x.from:x.to], minSecret)...)
	}
	r.learn(append(values, listURLSecrets(line)...))
}

// learnText learns what in the text of a configuration is a secret: values of names, parts
// of URLs, and every quoted text that is not trivial.
func (r *Redactor) learnText(text string) {
	values := listURLSecrets(text)
	for _, x := range findNamed(text) {
		values = append(values, splitParts(text[x.from:x.to], minSecret)...)
	}
	for _, m := range literal.FindAllStringSubmatch(text, -1) {
		quoted := m[1] + m[2] + m[3]
		values = append(values, splitParts(quoted, minKnown)...)
		if command.MatchString(quoted) {
			r.learnCommand(quoted)
		}
	}
	for _, m := range variable.FindAllStringSubmatch(text, -1) {
		values = append(values, splitParts(m[1], minKnown)...)
	}
	r.learn(values)
}

// learnYAML learns the plain scalars of a configuration in YAML, which have no quotes.
func (r *Redactor) learnYAML(text string) {
	for _, m := range yamlPair.FindAllStringSubmatch(text, -1) {
		switch value := strings.TrimSpace(m[2]); {
		case m[1] == "name" || m[1] == "script" || m[1] == "namespace" || m[1] == "cwd":
		case isArguments(m[1]) || command.MatchString(value):
			r.learnCommand(value)
		default:
			r.LearnVariables(map[string]string{m[1]: strings.Trim(value, `"'`)})
		}
	}
	for _, m := range yamlItem.FindAllStringSubmatch(text, -1) {
		if !yamlPair.MatchString(m[0]) {
			r.LearnArguments([]string{strings.TrimSpace(m[1])})
		}
	}
}

// listVariableFiles returns the files that processes of PM2 take variables from by their
// options (node --env-file=, dotenv_config_path=). In cluster mode Node looks for them
// from the daemon's directory, so each folder counts.
func listVariableFiles(rows []any, home string) []string {
	var out []string
	for _, row := range rows {
		fields, _ := row.(map[string]any)
		env, ok := fields["pm2_env"].(map[string]any)
		if !ok {
			env = fields
		}
		dir, _ := env["pm_cwd"].(string)
		for key, v := range env {
			if list, ok := v.([]any); ok && isArguments(key) {
				v = strings.Join(selectTexts(list), " ")
			}
			text, _ := v.(string)
			if key == "DOTENV_CONFIG_PATH" {
				text = "dotenv_config_path=" + text
			}
			for _, m := range fileOption.FindAllStringSubmatch(text, -1) {
				if filepath.IsAbs(m[1]) {
					out = append(out, m[1])
					continue
				}
				out = append(out, filepath.Join(dir, m[1]), filepath.Join(home, m[1]))
			}
		}
	}
	return out
}

var fileOption = regexp.MustCompile(`(?:--env-file(?:-if-exists)?[= ]|dotenv_config_path=)([^\s"']+)`)
