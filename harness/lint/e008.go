package lint

import "regexp"

func e008() Rule {
	return Rule{
		ID: "E008", Severity: Error,
		Title:  "two apps on one port",
		Why:    "The second to listen dies with EADDRINUSE until PM2 gives it up. Where both are in cluster mode it is worse: they are workers of one daemon, which hands each connection to either of them in turn, so that half of an app's requests are answered by the other.",
		Fix:    "Give each app a port of its own.",
		Source: "lib/God/ClusterMode.js; nodejs.org/api/cluster.html",
		File: func(s *Subject) []Finding {
			var out []Finding
			first := map[string]App{}
			for _, a := range s.Apps {
				port := a.port()
				if port == "" || port == "0" {
					continue
				}
				other, taken := first[port]
				if !taken {
					first[port] = a
					continue
				}
				key := "env.PORT"
				if a.has("port") {
					key = "port"
				}
				f := a.says(key, "%s is told to listen on %s, as %s is.", a.Name, port, other.Name)
				if a.listensNot() || other.listensNot() {
					f = f.as(Info).fix("Take the port out of the app that does not listen.")
				}
				if stage.ReplaceAllString(a.Name, "") == stage.ReplaceAllString(other.Name, "") && a.Name != other.Name {
					f = f.as(Info).fix("Nothing, if no host runs both: pm2 start FILE --only NAME; else give each a port of its own.")
				}
				out = append(out, f)
			}
			return out
		},
	}
}

// stage is what tells apps apart that are one app in several environments.
var stage = regexp.MustCompile(`(?i)[-_. :](dev|development|local|test|testing|qa|uat|stag|stage|staging|preview|beta|prod|production|live)$`)

// listensNot reports whether the app is by its name, its script or its interpreter one
// that opens no port, whatever its environment says.
func (a App) listensNot() bool {
	return silent.MatchString(a.Name + " " + a.script())
}

// silent are words in the names of what opens no port.
var silent = regexp.MustCompile(`(?i)(^|[^a-z])(bots?|workers?|jobs?|cron|queue|consumers?|scheduler|listener|watcher|crawler|scraper|indexer|monitor|processor|sync|migrat(e|ions?)|seed)([^a-z]|$)`)
