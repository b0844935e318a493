package lint

import (
	"path/filepath"
	"slices"
	"strings"
)

func c003() Rule {
	return Rule{
		ID: "C003", Severity: Error,
		Title:  "cluster mode for what Node does not run",
		Why:    "In cluster mode PM2 loads the script into a process of Node's own: the interpreter is not asked. A script for bun, Python or a shell is read as JavaScript, throws, and is restarted until PM2 gives up.",
		Fix:    "exec_mode: \"fork\"; for TypeScript in cluster mode, node_args: \"--import tsx\".",
		Source: "lib/God/ClusterMode.js:54",
		Apps: func(a App) []Finding {
			if !a.Plan.Cluster {
				return nil
			}
			if by := a.text("exec_interpreter"); by != "" && !strings.Contains(base(by), "node") {
				return one(a.says("exec_interpreter", "In cluster mode %s is not asked: Node loads the script.", by))
			}
			if by := a.text("exec_interpreter"); strings.Contains(by, "@") {
				return one(a.says("exec_interpreter", "In cluster mode the workers run on PM2's own Node, not on %s.", by))
			}
			ext := filepath.Ext(a.script())
			foreign := slices.Contains([]string{".sh", ".py", ".rb", ".php", ".pl", ".tsx", ".jsx", ".coffee", ".ls"}, ext) ||
				ext == ".ts" && !a.of.Target.StripsTypes()
			if !foreign || strings.Contains(strings.Join(a.list("node_args"), " "), "tsx") {
				return nil
			}
			return one(a.says("script", "In cluster mode Node loads %s itself, as JavaScript.", base(a.script())))
		},
	}
}
