package lint

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

func c016() Rule {
	return Rule{
		ID: "C016", Severity: Error,
		Title:  "a relative path in node_args, in cluster mode",
		Why:    "In cluster mode Node looks for what its options name in the directory of PM2's daemon, which is the one that pm2 was first called in (--target runtime: the one that pm2-runtime is called in; --target systemd: /): the worker changes to the app's cwd only when its Node has started. With a daemon that was started elsewhere (at boot, for another app) every worker ends at its start: \"not found\", \"Cannot find module\". In fork mode the same options are looked for in cwd. The same on 5.4.3 and 6.0.14.",
		Fix:    "An absolute path; or exec_mode: \"fork\".",
		Source: "lib/God/ClusterMode.js:39, lib/ProcessContainer.js:276; nodejs.org/api/cli.html",
		Apps: func(a App) []Finding {
			dir, known := a.Plan.ArgsDir()
			if !a.Plan.Cluster {
				return nil
			}
			var out []Finding
			for _, o := range listLoaded(a.Plan.NodeArgs) {
				f := a.report("node_args", "%s %s is looked for in the directory of PM2's daemon, and not in the app's.", o.option, o.value).setFix("%s", a.describeAbsolute(o))
				switch {
				case o.option == "--env-file-if-exists", o.option == "--openssl-config", o.option == "--icu-data-dir":
					f = f.setSeverity(Warning) // Node goes on without
				case !o.isFile():
					f = f.setSeverity(Info)
				}
				if filepath.IsAbs(o.value) || strings.Contains(o.value, ":") || known && o.isFile() && a.of.hasFile(joinPath(dir, o.value)) {
					continue
				}
				if known {
					f.Message = fmt.Sprintf("%s %s is looked for in %s, the directory of PM2's process (--target %s).", o.option, o.value, dir, a.of.Target.Route)
				}
				out = append(out, f)
			}
			return out
		},
	}
}

// loaded is an option of Node that names a file or a package.
type loaded struct{ option, value string }

// isFile reports whether the option names a file, and no package.
func (l loaded) isFile() bool {
	return fileOptions.MatchString(l.option) || strings.HasPrefix(l.value, ".")
}

// fileOptions are options whose value is a file or a directory in any case.
var fileOptions = regexp.MustCompile(`^--(env-file.*|snapshot-blob|openssl-config|icu-data-dir)$`)

// listLoaded returns the options of Node that name a file or a package to be read at its
// start.
func listLoaded(args []string) []loaded {
	var out []loaded
	for i, arg := range args {
		option, value, joined := strings.Cut(arg, "=")
		switch option {
		case "-r", "--require", "--import", "--loader", "--experimental-loader", "--env-file", "--env-file-if-exists", "--snapshot-blob", "--openssl-config", "--icu-data-dir":
		default:
			continue
		}
		if !joined && i+1 < len(args) {
			value = args[i+1]
		}
		if value != "" {
			out = append(out, loaded{option, value})
		}
	}
	return out
}

// describeAbsolute says how to name what is loaded so that Node finds it.
func (a App) describeAbsolute(l loaded) string {
	name := strings.TrimPrefix(l.value, "./")
	switch {
	case a.of.Dialect != "js" && l.isFile():
		return "node_args: [\"" + l.option + "=/ABSOLUTE/PATH/" + getBase(name) + "\"]; or exec_mode: \"fork\"."
	case l.isFile():
		return "node_args: [`" + l.option + "=${__dirname}/" + name + "`]; or exec_mode: \"fork\"."
	}
	return "Nothing, if pm2 is first called in a directory that has the package; else node_args: [`" + l.option + "=${require.resolve('" + l.value + "')}`]."
}
