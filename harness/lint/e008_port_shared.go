package lint

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func e008() Rule {
	return Rule{
		ID: "E008", Severity: Error,
		Title:  "two apps on one port",
		Why:    "The second to listen dies with EADDRINUSE until PM2 gives it up. Where both are in cluster mode it is worse: they are workers of one daemon, which hands each connection to either of them in turn, so that half of an app's requests are answered by the other. Apps that are one in several environments by their names, or that commands of the project start one without the other, are a remark.",
		Fix:    "Give each app a port of its own.",
		Source: "lib/God/ClusterMode.js; nodejs.org/api/cluster.html",
		File: func(s *Subject) []Finding {
			var out []Finding
			first := map[string]App{}
			for _, a := range s.Apps {
				port := a.findPort()
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
				f := a.report(key, "%s is told to listen on %s, as %s is.", a.Name, port, other.Name)
				if a.isPortless() || other.isPortless() {
					f = f.setSeverity(Info).setFix("Take the port out of the app that does not listen.")
				}
				stages := stage.ReplaceAllString(a.Name, "") == stage.ReplaceAllString(other.Name, "") && a.Name != other.Name
				if stages || s.startsApart(a.Name, other.Name) {
					f = f.setSeverity(Info).setFix("Nothing, if no host runs both: pm2 start FILE --only NAME; else give each a port of its own.")
				}
				if name := a.sharedEnv(other); name != "" && f.Severity != Info {
					f = f.setSeverity(Warning).setFix("Nothing, if one of them takes its port from elsewhere: both have all of %s; else give each a port of its own.", name)
				}
				out = append(out, f)
			}
			return out
		},
	}
}

// sharedEnv is the name of the object that both apps have as their environment, "" if they
// have none in common: what stands in it need not be meant for both.
func (a App) sharedEnv(other App) string {
	if a.Raw.Get("env").Inspect() != other.Raw.Get("env").Inspect() {
		return ""
	}
	names := map[string]int{}
	for _, m := range envName.FindAllSubmatch(a.of.Source, -1) {
		if names[string(m[1])]++; names[string(m[1])] > 1 {
			return string(m[1])
		}
	}
	return ""
}

// envName is an environment that is given by a name.
var envName = regexp.MustCompile(`\benv["']?\s*:\s*([A-Za-z_$][\w$.]*)\s*[,}\n]`)

// startsApart reports whether the project's commands start the file with --only, one app of
// the two without the other, and no command starts both.
func (s *Subject) startsApart(one, other string) bool {
	apart := false
	for _, names := range s.project.starts.get(s.findStarts) {
		first, second := slices.Contains(names, one), slices.Contains(names, other)
		if names == nil || first && second {
			return false
		}
		apart = apart || first || second
	}
	return apart
}

// findStarts returns the project's commands that start the file: the names of each in
// --only, nil for all apps.
func (s *Subject) findStarts() [][]string {
	var out [][]string
	for _, c := range slices.Concat(s.listCommands(), s.listImageCommands()) {
		for _, m := range starting.FindAllStringSubmatch(c.text, -1) {
			if getBase(m[2]) != getBase(s.Path) || ending.MatchString(m[1]) {
				continue
			}
			var names []string
			if only := onlyApps.FindStringSubmatch(m[3]); only != nil {
				names = strings.Split(only[1], ",")
			}
			out = append(out, names)
		}
	}
	return out
}

// listImageCommands returns the lines of the Dockerfile around the file, with lists of
// words as lines of the shell.
func (s *Subject) listImageCommands() []command {
	var out []command
	if s.Disk == nil {
		return nil
	}
	for _, dir := range slices.Compact([]string{s.findDir(), findRoot(s)}) {
		text, ok := s.Disk.Head(filepath.Join(dir, "Dockerfile"))
		for line := range strings.Lines(string(text)) {
			if ok {
				out = append(out, command{"Dockerfile", listed.ReplaceAllString(line, " ")})
			}
		}
	}
	return out
}

// listed is what stands between the words of a list in a Dockerfile, and around them.
var listed = regexp.MustCompile(`\s*(\["|",\s*"|"\])\s*`)

// starting is a command of PM2's on a configuration: what stands before the file, the file,
// and what follows.
var starting = regexp.MustCompile(`\bpm2(?:-runtime)?\s+([^&|;"]*?\s)?([^\s;&|"']+\.(?:json|ya?ml|[cm]?js))\b([^&|;"]*)`)

// ending are commands of PM2's that start no app.
var ending = regexp.MustCompile(`^(stop|delete|del|logs?|describe|show|scale|deploy)\s`)

// onlyApps are the names in --only.
var onlyApps = regexp.MustCompile(`\s--only[ =]["']?([^\s"']+)`)

// stage is what tells apps apart that are one app in several environments.
var stage = regexp.MustCompile(`(?i)(^|[-_. :])(dev|development|local|test|testing|qa|uat|stag|stage|staging|preview|beta|prod|production|live)$`)

// isPortless reports whether the app is by its name, its script or what a package manager
// runs for it one that opens no port, whatever its environment says.
func (a App) isPortless() bool {
	return silent.MatchString(a.Name+" "+a.getScript()) || silent.MatchString(a.findPackageScript())
}

// findPackageScript returns the command under "scripts" of a package.json that the app's
// package manager runs, "" if there is none.
func (a App) findPackageScript() string {
	if a.of.Disk == nil || !packageManagers.MatchString(a.Plan.Launcher) {
		return ""
	}
	for _, dir := range a.listDirs() {
		m := a.of.readManifest(dir)
		for _, text := range a.listTexts("args") {
			for _, word := range strings.Fields(text) {
				if command, ok := m.Scripts[word]; ok {
					return command
				}
			}
		}
	}
	return ""
}

// silent are words in the names of what opens no port.
var silent = regexp.MustCompile(`(?i)(^|[^a-z])(bots?|workers?|jobs?|cron|queue|consumers?|scheduler|listener|watcher|crawler|scraper|indexer|monitor|processor|sync|migrat(e|ions?)|seed)([^a-z]|$)`)
