package lint

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// calling is how the project uses the name of the configuration.
type calling struct {
	started bool // a command or a guide hands the file to pm2 by this name
	copied  bool // a command puts it where it has another name
}

// calls is how the project's commands, scripts and guides use the file's name.
func (s *Subject) calls() calling { return s.project.calls.of(s.findCalls) }

func (s *Subject) findCalls() calling {
	name := regexp.QuoteMeta(base(s.Path))
	started := regexp.MustCompile(`\bpm2(?:-runtime|-docker|-dev)?["',]*\s[^\n&|;]*(?:^|[\s/"'=])` + name + `(?:$|[\s"'` + "`" + `,;)\]])`)
	copied := regexp.MustCompile(`(?i)\b(?:cp|mv|copy|add|ln|install|rename|src)\b[^\n&|;]*` + name + `["']?,?\s`)
	var out calling
	for _, text := range s.texts() {
		for line := range strings.Lines(text) {
			out.started = out.started || started.MatchString(line)
			out.copied = out.copied || copied.MatchString(line)
		}
	}
	return out
}

// texts are the file itself, the commands of the project, and the scripts, images,
// pipelines and guides in its first folders.
func (s *Subject) texts() []string {
	out := []string{string(s.Source)}
	for _, c := range s.commands() {
		out = append(out, c.text+"\n")
	}
	if s.Disk == nil {
		return out
	}
	for _, dir := range slices.Compact([]string{s.dir(), s.top()}) {
		for _, sub := range []string{"", "docs", "scripts", "deploy", "bin", ".github/workflows"} {
			for _, name := range s.Disk.Names(filepath.Join(dir, sub)) {
				if name == base(s.Path) || !telling.MatchString(name) {
					continue
				}
				if text, ok := s.Disk.Head(filepath.Join(dir, sub, name)); ok {
					out = append(out, string(text))
				}
			}
		}
	}
	return out
}

// telling are the names of files that say how a project is started and deployed.
var telling = regexp.MustCompile(`(?i)\.(sh|bash|md|ps1|bat|ya?ml|toml|service)$|^(Makefile|Procfile|Jenkinsfile|Dockerfile.*|.*\.Dockerfile)$`)

// template reports whether the file is by its name or its folder one to be copied.
func (s *Subject) template() bool {
	return templates.MatchString(base(s.Path)) || templateDirs.MatchString(filepath.ToSlash(beneath(s.top(), s.dir())))
}

var (
	templates    = regexp.MustCompile(`(?i)[._-](samples?|examples?|templates?|tpl|tmpl|dist|default|bak|backup|old|orig)([._-]|$)|^(sample|example|template)[._-]`)
	templateDirs = regexp.MustCompile(`(?i)(^|/)(docs?|examples?|samples?|templates?)(/|$)`)
)

// startsAnother reports whether the file itself says that pm2 is given a configuration of
// another name, which is then the name that it gets on the host.
func (s *Subject) startsAnother() bool {
	return slices.ContainsFunc(starting.FindAllStringSubmatch(string(s.Source), -1), func(m []string) bool { return base(m[2]) != base(s.Path) })
}
