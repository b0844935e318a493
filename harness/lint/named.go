package lint

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// calling is how the project uses the name of the configuration.
type calling struct {
	started bool // a command or a guide hands the file to pm2 by this name
	renamed bool // a command copies it to another name
	moved   bool // a command copies it out of its folder
}

// calls is how the project's commands, scripts and guides use the file's name.
func (s *Subject) calls() calling { return s.project.calls.get(s.findCalls) }

func (s *Subject) findCalls() calling {
	name := regexp.QuoteMeta(getBase(s.Path))
	started := regexp.MustCompile(`\bpm2(?:-runtime|-docker|-dev)?["',]*\s[^\n&|;]*(?:^|[\s/"'=])` + name + `(?:$|[\s"'` + "`" + `,;)\]])`)
	copied := regexp.MustCompile(`(?i)\b(?:cp|mv|copy|copy-item|add|ln|install|rename)\s[^\n&|;]*?([^\s"'=]*` + name + `)["',]*\s+([^\n&|;]+)`)
	var out calling
	for _, text := range s.texts() {
		for line := range strings.Lines(text) {
			out.started = out.started || started.MatchString(line)
			if m := copied.FindStringSubmatch(line); m != nil {
				renamed, moved := copies(m[1], m[2])
				out.renamed, out.moved = out.renamed || renamed, out.moved || moved
			}
		}
	}
	return out
}

// copies reports whether a copy gets another name, and whether it leaves its folder: to is
// what follows the file in the command, and ends with where the copy stands.
func copies(from, to string) (renamed, moved bool) {
	slashed := func(s string) string { return strings.Trim(strings.ReplaceAll(s, `\`, "/"), `"',)]`) }
	words := strings.Fields(to)
	from, to = slashed(from), slashed(words[len(words)-1])
	renamed = filepath.Ext(getBase(to)) != "" && !strings.HasSuffix(to, "/") && getBase(to) != "." && getBase(to) != ".." && getBase(to) != getBase(from)
	folder := strings.TrimPrefix(filepath.Dir(from), "./")
	if renamed || getBase(to) == getBase(from) {
		to = filepath.Dir(to)
	}
	return renamed, folder != "." && !strings.HasSuffix(strings.TrimSuffix(to, "/"), folder)
}

// texts are the file itself, the commands of the project, and the scripts, images,
// pipelines and guides in its first folders.
func (s *Subject) texts() []string {
	out := []string{string(s.Source)}
	for _, c := range s.listCommands() {
		out = append(out, c.text+"\n")
	}
	if s.Disk == nil {
		return out
	}
	for _, dir := range slices.Compact([]string{s.findDir(), s.findTop()}) {
		for _, sub := range []string{"", "docs", "scripts", "deploy", "bin", ".github/workflows"} {
			for _, name := range s.Disk.Names(filepath.Join(dir, sub)) {
				if name == getBase(s.Path) || !telling.MatchString(name) {
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
var telling = regexp.MustCompile(`(?i)\.(sh|bash|md|ps1|bat|cmd|ya?ml|toml|service)$|^(Makefile|Procfile|Jenkinsfile|Dockerfile.*|.*\.Dockerfile)$`)

// template reports whether the file is by its name or its folder one to be copied.
func (s *Subject) template() bool {
	return templates.MatchString(getBase(s.Path)) || templateDirs.MatchString(filepath.ToSlash(makeRelative(s.findTop(), s.findDir())))
}

var (
	templates    = regexp.MustCompile(`(?i)[._-](samples?|examples?|templates?|tpl|tmpl|dist|default|bak|backup|old|orig)([._-]|$)|^(sample|example|template|bak|backup|old)[._-]`)
	templateDirs = regexp.MustCompile(`(?i)(^|/)(docs?|examples?|samples?|templates?)(/|$)`)
)

// startsAnother reports whether the file itself says that pm2 is given a configuration of
// another name, which is then the name that it gets on the host.
func (s *Subject) startsAnother() bool {
	return slices.ContainsFunc(starting.FindAllStringSubmatch(string(s.Source), -1), func(m []string) bool { return getBase(m[2]) != getBase(s.Path) })
}

// isFilledIn reports whether the file is data with the marks of a template in it: a program
// such as Helm or Ansible puts text in their place before PM2 sees the file.
func (s *Subject) isFilledIn() bool {
	return s.Dialect != ecosystem.Module && s.Dialect != ecosystem.App && marks.Match(s.Source)
}

var marks = regexp.MustCompile(`\{\{-?\s*[.$A-Za-z_][^{}\n]*\}\}|\{%-?[^%\n]*%\}|<%[^%\n]*%>`)
