package lint

import (
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func p014() Rule {
	return Rule{
		ID: "P014", Severity: Error,
		Title:  "an option that the target's Node refuses",
		Why:    "Node ends with code 9 (\"bad option\") where it does not know an option, and PM2 starts it again until it gives up. Options of V8 come and go with each line of Node, and take their value after = only. NODE_OPTIONS may have fewer than the command line has. What begins with a dash that a text editor has made of a hyphen is the script to Node, which it does not find.",
		Fix:    "Remove the option, or write it as the target's Node has it: node --help, node --v8-options.",
		Source: "nodejs.org/api/cli.html; node --v8-options of Node 18 to 26",
		Apps: func(a App) []Finding {
			var out []Finding
			if a.Rejected == nil && a.isReadByNode() && len(c003().Apps(a)) == 0 {
				for _, f := range a.of.Target.RefusedOptions(a.Plan.NodeArgs, false) {
					if f.Kind != ecosystem.OtherNode || getBase(a.Plan.Interpreter) == a.Plan.Interpreter && !strings.Contains(a.Plan.Interpreter, "@") {
						out = append(out, a.reportOption("node_args", f))
					}
				}
			}
			if a.Plan.StartsWithEnv() {
				for _, env := range a.listEnvs() {
					if v := a.Raw.Get(env).Get("NODE_OPTIONS"); v.Is(ecosystem.String) && !strings.ContainsAny(v.Text, `"\`) {
						for _, f := range a.of.Target.RefusedOptions(strings.Fields(v.Text), true) {
							out = append(out, a.reportOption(env+".NODE_OPTIONS", f))
						}
					}
				}
			}
			return out
		},
	}
}

// isReadByNode reports whether it is Node that reads node_args, and none of the programs
// around it, such as ts-node.
func (a App) isReadByNode() bool {
	name := getBase(a.Plan.Interpreter)
	return a.Plan.Cluster || name == "node" || name == "nodejs" || strings.Contains(a.Plan.Interpreter, "node@")
}

// reportOption returns the finding of an option that Node refuses under a key.
func (a App) reportOption(key string, f ecosystem.OptionFault) Finding {
	node, _, _ := strings.Cut(a.of.Target.Node, ".")
	option, _, _ := strings.Cut(f.Option, "=")
	switch f.Kind {
	case ecosystem.NoHyphen:
		return a.report(key, "%s begins with a dash that is no hyphen: Node takes it for the script.", option).setFix("Write it with hyphens: --%s.", strings.TrimLeft(f.Option, "–—−‒-"))
	case ecosystem.NeedsEquals:
		return a.report(key, "Node takes the value of %s after = only, and ends.", option).setFix("%s=VALUE.", option)
	case ecosystem.NotInEnv:
		return a.report(key, "NODE_OPTIONS may not have %s: Node %s ends.", option, node).setFix("Put it into node_args.")
	case ecosystem.OtherNode:
		return a.report(key, "Node %s has no %s: it ends.", node, option).setSeverity(Warning).setFix("Remove it; or --node says which Node the target has.")
	}
	return a.report(key, "No Node from 18 on has an option %s: it ends.", option).setFix("Remove it, or move it to args if it is for the app.")
}
