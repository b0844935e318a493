package lint

import (
	"bytes"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func p010() Rule {
	return Rule{
		ID: "P010", Severity: Error,
		Title:  "a script for another interpreter, which Node is to read",
		Why:    "PM2 chooses the interpreter by the file's extension, and takes Node for any other text: it does not read the first line (#!). A shell script without .sh, or what pnpm puts into node_modules/.bin, is read as JavaScript, throws a SyntaxError, and is restarted until PM2 gives up. A text with the extension of JavaScript, whose first line names no other language, is JavaScript: Node skips that line.",
		Fix:    "Name what the first line names: interpreter: \"bash\", in fork mode; for a tool in node_modules/.bin, name its JavaScript file.",
		Source: "lib/Common.js:460",
		Apps: func(a App) []Finding {
			if a.Rejected != nil || a.has("exec_interpreter") || a.Plan.Program() || !a.Plan.OnNode() || a.of.Disk == nil || a.isForeign() {
				return nil
			}
			head, ok := a.of.Disk.Head(a.Plan.Script)
			if !ok && strings.HasSuffix(filepath.Dir(a.Plan.Script), "node_modules/.bin") && a.byPnpm() {
				return listOne(a.report("script", "pnpm puts a shell script at %s, and PM2 has Node read it.", a.getScript()).setSeverity(Warning))
			}
			first, _, _ := bytes.Cut(head, []byte("\n"))
			if !ok || !bytes.HasPrefix(first, []byte("#!")) || forNode.Match(first) || polyglot.Match(head) {
				return nil
			}
			if unnamed.Match(first) || isJavaScript(a.getScript()) && !otherLanguage.Match(first) {
				return nil
			}
			return listOne(a.report("script", "%s begins with %s, and PM2 has Node read it.", getBase(a.getScript()), strings.TrimSpace(string(first))))
		},
	}
}

// byPnpm reports whether pnpm installs the app's packages: of the nearest lock files above
// the app, up to the end of the repository, there is none but pnpm's.
func (a App) byPnpm() bool {
	for dir := a.findHome(); ; dir = filepath.Dir(dir) {
		found := slices.DeleteFunc([]string{"pnpm-lock.yaml", "yarn.lock", "package-lock.json", "bun.lock", "bun.lockb"}, func(name string) bool {
			return !a.of.hasFile(filepath.Join(dir, name))
		})
		if len(found) > 0 {
			return len(found) == 1 && found[0] == "pnpm-lock.yaml"
		}
		if a.of.hasFile(filepath.Join(dir, ".git")) || dir == filepath.Dir(dir) {
			return false
		}
	}
}

// isJavaScript reports whether the extension of a script says that it is JavaScript. Node
// skips the first line of one.
func isJavaScript(script string) bool {
	return slices.Contains([]string{".js", ".cjs", ".mjs"}, filepath.Ext(script))
}

// unnamed is a first line that names no interpreter.
var unnamed = regexp.MustCompile(`^#!\s*(/usr/bin/env)?\s*$`)

// otherLanguage are first lines that name an interpreter of another language.
var otherLanguage = regexp.MustCompile(`\b(sh|bash|dash|zsh|ksh|fish|python[\d.]*|ruby|perl|php)\b`)

// polyglot is the beginning of a text that a shell hands to Node, and that is JavaScript.
var polyglot = regexp.MustCompile(`^#![^\n]*\n(['"]?:['"]?\s*//|//bin/)`)

// forNode are first lines that name what reads JavaScript.
var forNode = regexp.MustCompile(`\b(node|nodejs|bun|deno|tsx|ts-node|babel-node)\b`)
