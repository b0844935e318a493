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
			if !a.Plan.Cluster || strings.Contains(a.script(), " ") {
				return nil
			}
			by := a.text("exec_interpreter")
			switch {
			case strings.Contains(by, "node@"):
				return one(a.says("exec_interpreter", "In cluster mode PM2 does not look for %s, says that it is \"NOT AVAILABLE in PATH\", and does not start the app.", by).
					fix("Call pm2 with that version of Node and remove interpreter; or exec_mode: \"fork\"."))
			case by == noProgram:
				return one(a.says("exec_interpreter", "In cluster mode Node loads %s itself, as JavaScript.", base(a.script())))
			case by != "" && !strings.Contains(base(by), "node"):
				return one(a.says("exec_interpreter", "In cluster mode %s is not asked: Node loads the script.", by))
			case a.Plan.Program():
				return a.programInCluster()
			case !a.foreign() || a.transpiled():
				return nil
			}
			return one(a.says("script", "In cluster mode Node loads %s itself, as JavaScript.", base(a.script())))
		},
	}
}

// noProgram is what the file writes for no interpreter.
const noProgram = "none"

// programInCluster is a finding of a program that Node is to load. Where the program
// is not here its name may be that of a script for Node.
func (a App) programInCluster() []Finding {
	f := a.says("script", "In cluster mode Node loads the program %s itself, as JavaScript.", base(a.script())).fix("exec_mode: \"fork\".")
	if base(a.script()) == "node" {
		f = f.fix("Put the JavaScript file into script, and what follows it into args.")
	}
	if a.Plan.Assumed && !programs.MatchString(base(a.script())) {
		f = f.as(Info).fix("Nothing, if it is a JavaScript file that npm put on PATH; else exec_mode: \"fork\".")
	}
	return one(f)
}

// programs are binaries on every host that has them.
var programs = regexp.MustCompile(`^(sh|bash|dash|zsh|node|bun|deno|python[\d.]*|ruby|php|perl|java|cargo|go|dotnet|docker|caddy|nginx)$`)

// foreign reports whether the script is in a language that the target's Node does not
// load.
func (a App) foreign() bool {
	ext := filepath.Ext(a.script())
	return slices.Contains([]string{".sh", ".py", ".rb", ".php", ".pl", ".tsx", ".jsx", ".coffee", ".ls"}, ext) || ext == ".ts" && !a.of.Target.StripsTypes()
}

// transpiled reports whether something that the app is started with turns the script
// into JavaScript: a loader of its own, or ts-node, which PM2 asks for itself
// (lib/ProcessContainer.js:113; from 7.0.4 on from the app's directory).
func (a App) transpiled() bool {
	if loaders.MatchString(strings.Join(a.Plan.NodeArgs, " ")) {
		return true
	}
	typescript := strings.HasPrefix(filepath.Ext(a.script()), ".ts")
	return typescript && a.of.Disk != nil && a.of.Disk.Exists(filepath.Join(a.Plan.Cwd, "node_modules/ts-node"))
}

var loaders = regexp.MustCompile(`tsx|ts-node|tsm|esbuild|swc|babel|coffee|livescript|strip-types|transform-types|--loader|--experimental-loader`)
