package lint

import "regexp"

func c015() Rule {
	return Rule{
		ID: "C015", Severity: Warning,
		Title:  "a variable that comes too late in cluster mode",
		Why:    "A worker of a cluster starts with the environment of PM2's daemon, and gets that of the app when Node already runs. What Node, OpenSSL and the linker read at their start has no effect: with NODE_OPTIONS=--max-old-space-size=222 the heap limit was 4144 MiB in cluster mode and 270 MiB in fork mode. So it is with NODE_DEBUG, NODE_NO_WARNINGS and the locale of LC_ALL. Variables that are read later do work (TZ, NODE_PATH, UV_THREADPOOL_SIZE were tried). The same on 5.4.3 and 6.0.14.",
		Fix:    "exec_mode: \"fork\"; or set it for the daemon, before pm2 is called for the first time.",
		Source: "lib/God/ClusterMode.js:57, lib/ProcessContainer.js:16",
		Apps: func(a App) []Finding {
			if a.Plan.StartsWithEnv() {
				return nil
			}
			var out []Finding
			for _, env := range a.listEnvs() {
				for _, f := range a.Raw.Get(env).Fields {
					if !readAtStart.MatchString(f.Key) || a.of.Target.OS[f.Key] == f.Value.String() {
						continue
					}
					finding := a.report(env+"."+f.Key, "%s is set in the worker after it has been read: it has no effect.", f.Key)
					switch {
					case f.Key == "NODE_OPTIONS":
						finding = finding.setFix("Put the options into node_args, which reach the worker in time.")
					case locales.MatchString(f.Key):
						finding = finding.setSeverity(Info).setFix("Nothing, if it is for child processes; else set it for the daemon: Intl has taken its locale.")
					}
					out = append(out, finding)
				}
			}
			return out
		},
	}
}

// readAtStart are variables that are read before any JavaScript runs.
var readAtStart = regexp.MustCompile(`^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_ICU_DATA|NODE_DEBUG|NODE_NO_WARNINGS|NODE_COMPILE_CACHE|NODE_V8_COVERAGE|OPENSSL_CONF|LANG|LC_ALL|LD_(PRELOAD|LIBRARY_PATH)|MALLOC_[A-Z_]+)$`)

// locales are variables from which Intl takes its default.
var locales = regexp.MustCompile(`^(LANG|LC_ALL)$`)
