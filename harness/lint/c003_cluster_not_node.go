package lint

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func c003() Rule {
	return Rule{
		ID: "C003", Severity: Error,
		Title:  "cluster mode for what Node does not run",
		Why:    "In cluster mode PM2 loads the script into a process of Node's own: the interpreter is not asked. A program, or a script for bun, Python or a shell, is read as JavaScript, throws, and is restarted until PM2 gives up. With interpreter: \"node@VERSION\" PM2 does not start the app at all.",
		Fix:    "exec_mode: \"fork\"; for TypeScript in cluster mode, node_args: [`--import=${require.resolve('tsx')}`], for a bare name is looked for in the daemon's directory.",
		Source: "lib/God/ClusterMode.js:54, lib/Common.js:365",
		Apps: func(a App) []Finding {
			if !a.Plan.Cluster || strings.Contains(a.getScript(), " ") {
				return nil
			}
			by := a.getText("exec_interpreter")
			switch {
			case strings.Contains(by, "node@"):
				return listOne(a.report("exec_interpreter", "In cluster mode PM2 does not look for %s, says that it is \"NOT AVAILABLE in PATH\", and does not start the app.", by).
					setFix("Call pm2 with that version of Node and remove interpreter; or exec_mode: \"fork\"."))
			case by == noProgram:
				return listOne(a.report("exec_interpreter", "In cluster mode Node loads %s itself, as JavaScript.", getBase(a.getScript())))
			case by != "" && !strings.Contains(getBase(by), "node"):
				return listOne(a.report("exec_interpreter", "In cluster mode %s is not asked: Node loads the script.", by))
			case a.Plan.Program():
				return a.checkClusterProgram()
			case !a.isForeign() || a.isTranspiled():
				return nil
			}
			return listOne(a.report("script", "In cluster mode Node loads %s itself, as JavaScript.", getBase(a.getScript())))
		},
	}
}

// noProgram is what the file writes for no interpreter.
const noProgram = "none"

// checkClusterProgram returns a finding of a program that Node is to load. Where the
// program is not here its name may be that of a script for Node.
func (a App) checkClusterProgram() []Finding {
	f := a.report("script", "In cluster mode Node loads the program %s itself, as JavaScript.", getBase(a.getScript())).setFix("exec_mode: \"fork\".")
	if getBase(a.getScript()) == "node" {
		f = f.setFix("Put the JavaScript file into script, and what follows it into args.")
	}
	if a.Plan.Assumed && !programs.MatchString(getBase(a.getScript())) {
		f = f.setSeverity(Info).setFix("Nothing, if it is a JavaScript file that npm put on PATH; else exec_mode: \"fork\".")
	}
	return listOne(f)
}

// programs are binaries on every host that has them.
var programs = regexp.MustCompile(`^(sh|bash|dash|zsh|node|bun|deno|python[\d.]*|ruby|php|perl|java|cargo|go|dotnet|docker|caddy|nginx)$`)

// isForeign reports whether the script is in a language that the target's Node does not
// load.
func (a App) isForeign() bool {
	ext := filepath.Ext(a.getScript())
	return slices.Contains([]string{".sh", ".py", ".rb", ".php", ".pl", ".tsx", ".jsx", ".coffee", ".ls"}, ext) || ext == ".ts" && !a.of.Target.StripsTypes()
}

// isTranspiled reports whether something that the app is started with turns the script
// into JavaScript: a loader of its own, or ts-node, which PM2 asks for itself
// (lib/ProcessContainer.js:113; from 7.0.4 on from the app's directory).
func (a App) isTranspiled() bool {
	if loaders.MatchString(strings.Join(a.Plan.NodeArgs, " ")) {
		return true
	}
	typescript := strings.HasPrefix(filepath.Ext(a.getScript()), ".ts")
	return typescript && a.of.Disk != nil && a.of.Disk.Exists(filepath.Join(a.Plan.Cwd, "node_modules/ts-node"))
}

var loaders = regexp.MustCompile(`tsx|ts-node|tsm|esbuild|swc|babel|coffee|livescript|strip-types|transform-types|--loader|--experimental-loader`)
