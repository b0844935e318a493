package lint

import "regexp"

func c015() Rule {
	return Rule{
		ID: "C015", Severity: Warning,
		Title:  "a variable that comes too late in cluster mode",
		Why:    "A worker of a cluster starts with the environment of PM2's daemon, and gets that of the app when Node already runs. What Node, OpenSSL and the linker read at their start has no effect: with NODE_OPTIONS=--max-old-space-size=222 the heap limit was 4144 MiB in cluster mode and 270 MiB in fork mode. Variables that are read later do work (TZ, NODE_PATH, UV_THREADPOOL_SIZE were tried). The same on 5.4.3 and 6.0.14.",
		Fix:    "exec_mode: \"fork\"; or set it for the daemon, before pm2 is called for the first time.",
		Source: "lib/God/ClusterMode.js:57, lib/ProcessContainer.js:16",
		Apps: func(a App) []Finding {
			if a.Plan.StartsWithEnv() {
				return nil
			}
			var out []Finding
			for _, env := range a.envKeys() {
				for _, f := range a.Raw.Get(env).Fields {
					if !readAtStart.MatchString(f.Key) || a.of.Target.OS[f.Key] == f.Value.String() {
						continue
					}
					finding := a.says(env+"."+f.Key, "%s is set in the worker after it has been read: it has no effect.", f.Key)
					if f.Key == "NODE_OPTIONS" {
						finding = finding.fix("Put the options into node_args, which reach the worker in time.")
					}
					out = append(out, finding)
				}
			}
			return out
		},
	}
}

// readAtStart are variables that are read before any JavaScript runs.
var readAtStart = regexp.MustCompile(`^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_ICU_DATA|OPENSSL_CONF|LD_(PRELOAD|LIBRARY_PATH)|MALLOC_[A-Z_]+)$`)
