package lint

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
)

func p010() Rule {
	return Rule{
		ID: "P010", Severity: Error,
		Title:  "a script for another interpreter, which Node is to read",
		Why:    "PM2 chooses the interpreter by the file's extension, and takes Node for any other text: it does not read the first line (#!). A shell script without .sh, or what pnpm puts into node_modules/.bin, is read as JavaScript, throws a SyntaxError, and is restarted until PM2 gives up.",
		Fix:    "Name what the first line names: interpreter: \"bash\", in fork mode; for a tool in node_modules/.bin, name its JavaScript file.",
		Source: "lib/Common.js:460",
		Apps: func(a App) []Finding {
			if a.Rejected != nil || a.has("exec_interpreter") || a.Plan.Program() || !a.Plan.OnNode() || a.of.Disk == nil || a.foreign() {
				return nil
			}
			head, ok := a.of.Disk.Head(a.Plan.Script)
			if !ok && strings.HasSuffix(filepath.Dir(a.Plan.Script), "node_modules/.bin") && a.of.exists(filepath.Join(root(a.of), "pnpm-lock.yaml")) {
				return one(a.says("script", "pnpm puts a shell script at %s, and PM2 has Node read it.", a.script()).as(Warning))
			}
			first, _, _ := bytes.Cut(head, []byte("\n"))
			if !ok || !bytes.HasPrefix(first, []byte("#!")) || forNode.Match(first) {
				return nil
			}
			return one(a.says("script", "%s begins with %s, and PM2 has Node read it.", base(a.script()), strings.TrimSpace(string(first))))
		},
	}
}

// forNode are first lines that name what reads JavaScript.
var forNode = regexp.MustCompile(`\b(node|nodejs|bun|deno|tsx|ts-node|babel-node)\b`)
