package lint

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func p011() Rule {
	return Rule{
		ID: "P011", Severity: Error,
		Title:  "TypeScript that the target's PM2 does not start",
		Why:    "PM2 7.0.4 runs a .ts file by bun if that is on PATH, else by Node 22.6 or newer; with an older Node it prints an error and skips the app. PM2 before 7.0.4 knows bun alone, and bun alone runs .tsx: without it on PATH the app is skipped (\"Interpreter bun is NOT AVAILABLE in PATH\"). The other apps of the file start, and the exit code is 1. A .mts or .cts file, and a .ts file with interpreter: \"node\", PM2 starts by Node without a flag: Node 20 ends with an error at once, and PM2 restarts it until it gives up (8 restarts in 4 s on 7.0.4); Node 22.18, 23.6 and newer run them, in both modes.",
		Fix:    "Compile it; or interpreter: \"node_modules/.bin/tsx\" in fork mode.",
		Source: "lib/Common.js:426 and 478, lib/tools/typestrip.js",
		Apps: func(a App) []Finding {
			if f, ok := a.checkTypes(); ok {
				return listOne(f)
			}
			by := a.Plan.Interpreter
			if a.Rejected != nil || by != "bun" || a.has("exec_interpreter") {
				return nil
			}
			t := a.of.Target
			if a.Plan.Refused == "" {
				return listOne(a.report("script", "PM2 %s runs %s by bun: it must be on the host's PATH.", t.PM2, getBase(a.getScript())).setSeverity(Info))
			}
			return listOne(a.report("script", "PM2 %s does not start %s on Node %s, unless bun is on the host's PATH: %s.", t.PM2, getBase(a.getScript()), t.Node, strings.TrimSuffix(a.Plan.Refused, ".")))
		},
	}
}

// checkTypes returns a finding if PM2 has Node run the types of the script, and the
// target's Node does not know them and is not given a loader that does.
func (a App) checkTypes() (Finding, bool) {
	ext := filepath.Ext(a.getScript())
	if a.Rejected != nil || a.Plan.Refused != "" || a.Plan.Launcher != "" || !a.Plan.OnNode() || a.of.Target.StripsTypes() || strings.Contains(a.getScript(), " ") {
		return Finding{}, false
	}
	if !slices.Contains([]string{".ts", ".mts", ".cts"}, ext) || typeLoaders.MatchString(strings.Join(a.Plan.NodeArgs, " ")+" "+a.buildEnv().Get("NODE_OPTIONS").Text) {
		return Finding{}, false
	}
	if !strings.HasSuffix(getBase(a.Plan.Interpreter), "node") {
		return Finding{}, false // C003: an interpreter in cluster mode
	}
	f := a.report("script", "PM2 starts %s by Node without a loader, and Node %s does not run TypeScript so.", getBase(a.getScript()), a.of.Target.Node)
	return f.setFix("Compile it; run it on Node 22.18 or newer; or node_args: [\"--import=tsx\"], with tsx among the dependencies."), true
}

// typeLoaders are options of Node by which it runs TypeScript.
var typeLoaders = regexp.MustCompile(`(^|\s)(-r|--require|--import|--loader|--experimental-loader|--experimental-(strip|transform)-types)\b`)
