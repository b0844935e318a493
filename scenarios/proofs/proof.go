// Package proofs shows, rule by rule, that what `pm2drill validate` calls an error
// does harm on real PM2, and that its fix does none: so that a rule's text and PM2
// cannot drift apart.
package proofs

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing/fstest"
)

// Proof is a rule's: a folder that breaks it, one that does not, and what to look at.
type Proof struct {
	Rule  string
	File  string               // the configuration's name in both; "" for ecosystem.config.js
	Bad   string               // the configuration that breaks the rule
	Good  string               // the same, mended
	Fixed string               // its name, if that is the remedy
	With  map[string]string    // other files of both folders
	Node  string               // the Node that it takes, "" for any
	Front bool                 // pm2-runtime starts it, and not pm2
	Start []string             // arguments of pm2 start besides the file
	Env   map[string]string    // of pm2
	Wait  int                  // ms after the start; 0 for 1500
	Steps []Step               // what is done then
	Mend  []Step               // what is done besides in the good folder, where the remedy is a command
	After []Step               // what is done last in both
	Port  int                  // that is asked at the end, 0 for none
	Harm  func(Outcome) string // what harm was done, "" for none
}

// oldNode is one that cannot require an ES module; `make test-rules` builds its image.
const oldNode = "20.18.3"

// Step is something done after the start.
type Step struct {
	PM2   []string  `json:"pm2,omitempty"`
	Copy  [2]string `json:"copy,omitzero"`  // one file of the folder over another
	Wait  int       `json:"wait,omitempty"` // ms
	Load  int       `json:"load,omitempty"` // ms of load without a command
	Port  int       `json:"port,omitempty"` // load on it while the step lasts
	URL   string    `json:"url,omitempty"`
	Every int       `json:"every,omitempty"` // ms between requests; 0 for 20
	After int       `json:"after,omitempty"` // ms of load after the command
}

// Outcome is what try.js has seen.
type Outcome struct {
	Start   Did   `json:"start"`
	Steps   []Did `json:"steps"`
	List    []Row `json:"list"` // of the apps of the file; nil if PM2 did not answer
	Answers struct {
		OK   bool   `json:"ok"`
		Body string `json:"body"`
	} `json:"answers"`
	Bystander Load `json:"bystander"`
	Fell      bool `json:"fell"` // the daemon is another one, or none
}

// Did is a command of pm2's.
type Did struct {
	Code  int    `json:"code"`
	Hung  bool   `json:"hung"`
	Ended bool   `json:"ended"` // of pm2-runtime: it ended by itself
	Out   string `json:"out"`
	Load  Load   `json:"load"`
}

// Load is requests.
type Load struct {
	Sent   int `json:"sent"`
	Failed int `json:"failed"`
}

// Row is a process of PM2's list.
type Row struct {
	Name        string `json:"name"`
	ID          int    `json:"id"`
	PID         int    `json:"pid"`
	Status      string `json:"status"`
	Mode        string `json:"mode"`
	Restarts    int    `json:"restarts"`
	Instance    string `json:"instance"`
	KillTimeout any    `json:"kill_timeout"`
	Cron        any    `json:"cron"`
	Script      string `json:"script"`
	Env         struct {
		FromFile string `json:"FROM_FILE"`
		Extra    string `json:"EXTRA"`
	} `json:"env"`
}

//go:embed try.js bystander.js server.js
var scripts embed.FS

// folder is where a proof's files lie in the container, below /srv/app.
func (p Proof) folder(good bool) string {
	if good {
		return p.Rule + "/good"
	}
	return p.Rule + "/bad"
}

func (p Proof) name(good bool) string {
	switch {
	case good && p.Fixed != "":
		return p.Fixed
	case p.File != "":
		return p.File
	}
	return "ecosystem.config.js"
}

// command is what runs in the container.
func (p Proof) command(good bool) ([]string, error) {
	steps := slices.Clone(p.Steps)
	if good {
		steps = append(steps, p.Mend...)
	}
	plan, err := json.Marshal(map[string]any{
		"file": p.name(good), "runtime": p.Front, "start": p.Start, "env": p.Env, "settle": max(p.Wait, 1500), "steps": append(steps, p.After...), "port": p.Port,
	})
	if err != nil {
		return nil, fmt.Errorf("cannot plan the proof of %s: %w", p.Rule, err)
	}
	return []string{"node", "/srv/lib/try.js", "/srv/app/" + p.folder(good), string(plan)}, nil
}

// read reads what try.js has printed.
func read(stdout string) (Outcome, error) {
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	var o Outcome
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &o); err != nil {
		return o, fmt.Errorf("cannot read what was tried: %w: %.400s", err, stdout)
	}
	return o, nil
}

// Files is every proof's folders and what they share, as they lie below /srv.
func Files(all []Proof) (fs.FS, error) {
	out := fstest.MapFS{}
	put := func(name, text string) { out[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644} }
	for _, name := range []string{"try.js", "bystander.js", "server.js"} {
		raw, err := scripts.ReadFile(name)
		if err != nil {
			return nil, err
		}
		put("lib/"+name, string(raw))
	}
	for _, p := range all {
		for _, good := range []bool{false, true} {
			dir := "app/" + p.folder(good) + "/"
			put(dir+"server.js", "require('/srv/lib/server.js');\n")
			text := p.Bad
			if good {
				text = p.Good
			}
			put(dir+p.name(good), text)
			for name, data := range p.With {
				put(dir+name, data)
			}
		}
	}
	return out, nil
}

// web is a configuration of one app called web.
func web(settings string) string {
	return "module.exports = { apps: [{ name: 'web', script: 'server.js', " + settings + " }] };\n"
}

// cluster is that of several workers that end their requests.
func clustered(settings string) string {
	return web("exec_mode: 'cluster', instances: 2, kill_timeout: 5000, listen_timeout: 8000, wait_ready: true, " + settings)
}

// nothingRuns: pm2 start has started no app.
func nothingRuns(o Outcome) string {
	if len(o.List) == 0 && o.List != nil {
		return fmt.Sprintf("nothing runs; pm2 start ended with %d: %.200s", o.Start.Code, telling(o.Start.Out))
	}
	return ""
}

// empty: nothing runs any more.
func empty(o Outcome) string {
	if len(o.List) == 0 {
		return "nothing runs"
	}
	return ""
}

// telling is the first line of a text that names an error, or else its last.
func telling(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for _, l := range lines {
		if strings.Contains(l, "Error") {
			return l
		}
	}
	return lines[len(lines)-1]
}

// falls: the daemon went down, and an app beside lost requests.
func falls(o Outcome) string {
	if o.Fell || o.Bystander.Failed > 0 {
		return fmt.Sprintf("the daemon fell (%v); the app beside lost %d of %d requests", o.Fell, o.Bystander.Failed, o.Bystander.Sent)
	}
	return ""
}

// loops: a worker was restarted again and again, or given up.
func loops(o Outcome) string {
	for _, r := range o.List {
		if r.Restarts >= 3 || r.Status == "errored" {
			return fmt.Sprintf("worker %d is %s after %d restarts", r.ID, r.Status, r.Restarts)
		}
	}
	return ""
}

// drops: requests were lost in a step.
func drops(o Outcome) string {
	for _, s := range o.Steps {
		if s.Load.Failed > 0 {
			return fmt.Sprintf("%d of %d requests were lost", s.Load.Failed, s.Load.Sent)
		}
	}
	return ""
}
