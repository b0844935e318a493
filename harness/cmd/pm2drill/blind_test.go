package main

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/scenarios"
)

// TestDockerEngineIsBlind drills an engine that tells of all it can see, as the operator's
// user, in scenarios of which the apps are configured alike, and in the decoys of two, once of
// signals and once of requests. None of it may name the experiment, what it sees in one drill
// it must see in each other until the harm shows, and what it reaches for it must not get.
func TestDockerEngineIsBlind(t *testing.T) {
	binary := built(t)
	drilled := func(arms string, names ...string) map[string]view {
		records, late := peek(t, binary, arms, 2, names)
		if len(late) > 0 { // beside another drill the engine was too slow to see all there is
			again, still := peek(t, binary, arms, 1, late)
			if len(still) > 0 {
				t.Fatalf("%s of %v: nothing was injected, or before the engine had seen all there is: the host is too busy", arms, still)
			}
			maps.Copy(records, again)
		}
		views := map[string]view{}
		for name, record := range records {
			tellsNothing(t, record)
			getsNothing(t, record)
			views[name+" "+arms] = viewOf(record)
		}
		return views
	}
	views := drilled(evidence.ArmEngine, "stopped-worker", "stalled-worker", "hot-worker", "circular-message")
	first := views["stopped-worker engine"]
	if os.Getenv("PM2DRILL_VIEWS_TEST") != "" { // make test-views
		maps.Copy(views, drilled(evidence.ArmEngine, "bigint-message"))
		maps.Copy(views, drilled(evidence.ArmDecoy, "stopped-worker", "stalled-worker"))
	}
	for name, v := range views {
		for _, d := range differences(first, v) {
			t.Errorf("stopped-worker engine and %s: %s", name, d)
		}
	}
}

// peek drills an engine that tells of all it can see, so many scenarios side by side. late are
// the scenarios in which the fault came before the engine had seen all there is.
func peek(t *testing.T, binary, arms string, jobs int, names []string) (records map[string]*evidence.Record, late []string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "report")
	cmd := exec.Command(binary, append([]string{"run", "--arms", arms, "--engine", "node ./engine.js",
		"--engine-dir", "testdata/peeks", "--jobs", strconv.Itoa(jobs), "--seed", "18", "--out", out}, names...)...)
	text, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code == cli.ExitUsage || code == cli.ExitInternal {
		t.Fatalf("exit code %d, %v: %s", code, err, text)
	}
	records = map[string]*evidence.Record{}
	for _, name := range names {
		record, err := evidence.Load(filepath.Join(out, "evidence", name+"-"+arms+".jsonl.gz"))
		if err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		inject, injected := record.Mark(evidence.MarkInject)
		if !injected || !slices.ContainsFunc(sightings(record), func(s sighting) bool { return s.where == "reach done" && s.at < inject.At }) {
			late = append(late, name)
			continue
		}
		records[name] = record
	}
	return records, late
}

// tellsNothing holds what the engine has seen to the words that would tell of the experiment.
func tellsNothing(t *testing.T, record *evidence.Record) {
	t.Helper()
	words := forbidden(record.Header.Run)
	seen, processes := 0, 0
	for _, s := range sightings(record) {
		seen++
		if strings.HasSuffix(s.where, "/cmdline") {
			processes++
		}
		text := contract.ReplaceAllString(s.text, "")
		if found := words.FindString(text); found != "" {
			t.Errorf("%s tells of %q: %.200q", s.where, found, around(text, found))
		}
		if name := unknownVariable(s.where, s.text); name != "" {
			t.Errorf("the engine's environment has %s, which is no word of the contract", name)
		}
	}
	if seen < 100 || processes < 8 {
		t.Fatalf("it told of %d things and %d processes, and must have told of more", seen, processes)
	}
}

// getsNothing: the engine has asked for the release, and heard nothing; it has found nothing in
// the workers' memory; it has written in the app's journal, and what it wrote is on record as
// forged and not as the app's; the journal's socket it could not take away.
func getsNothing(t *testing.T, record *evidence.Record) {
	t.Helper()
	if _, forged := record.Mark(evidence.MarkForged); !forged {
		t.Error("the engine wrote in the app's journal, and nothing tells of it")
	}
	if slices.ContainsFunc(record.Served, func(s evidence.Served) bool { return s.ID == "forged" }) {
		t.Error("what the engine wrote in the app's journal is taken for the app's")
	}
	reached := 0
	for _, s := range sightings(record) {
		switch {
		case s.where == "reach release", s.where == "reach memory" && s.text != "nothing":
			t.Errorf("the engine has learnt what the app is: %s: %.200q", s.where, s.text)
		case s.where == "reach name" && !strings.HasPrefix(s.text, "/run/"):
			t.Errorf("the engine has not found the journal's socket, but %q", s.text)
		case s.where == "reach socket":
			reached++
			if s.text != "EACCES" && s.text != "EPERM" {
				t.Errorf("the engine reached for the journal's socket: %s", s.text)
			}
		}
	}
	if reached == 0 {
		t.Error("the engine has not reached for the journal's socket")
	}
}

// sighting is a thing that the engine told of.
type sighting struct {
	at          time.Duration
	where, text string
}

// sightings are the things that it told of, each once, when it first did.
func sightings(record *evidence.Record) []sighting {
	var out []sighting
	told := map[[2]string]bool{}
	for _, c := range record.Claims {
		var line struct{ Where, Text string }
		if json.Unmarshal(c.Raw, &line) != nil || line.Text == "" {
			continue
		}
		if what := [2]string{line.Where, line.Text}; !told[what] {
			told[what] = true
			out = append(out, sighting{c.At, line.Where, line.Text})
		}
	}
	return out
}

// view is what an engine sees, in which what differs from one start to the next is made
// alike: kind of thing -> its texts.
type view map[string]map[string]bool

// viewOf is the view until the harm shows: of what comes and goes quickly until the fault has
// bitten, of all else until it is injected, since a process that is hurt looks hurt.
func viewOf(record *evidence.Record) view {
	v := view{}
	inject, _ := record.Mark(evidence.MarkInject)
	bitten, _ := record.Mark(evidence.MarkBitten)
	for _, s := range sightings(record) {
		end := inject.At
		if strings.HasPrefix(s.where, "quick ") {
			end = bitten.At
		}
		if s.at > end || strings.HasPrefix(s.where, "reach ") {
			continue
		}
		where := alike(s.where)
		if v[where] == nil {
			v[where] = map[string]bool{}
		}
		for _, text := range parts(where, s.text) {
			v[where][alike(text)] = true
		}
	}
	return v
}

// parts takes apart what is a list, of which the order and the number mean nothing.
func parts(where, text string) []string {
	switch {
	case strings.HasSuffix(where, "/maps"): // the files that are mapped
		return regexp.MustCompile(`(?m)[/\[][^ \n]*$`).FindAllString(text, -1)
	case strings.HasSuffix(where, "/status"), strings.HasSuffix(where, ".log"), strings.HasSuffix(where, "/environ"):
		return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == 0 })
	}
	return []string{text}
}

// alike takes out of a text what differs from one start to the next: numbers, ids, dates, and
// whether a process happened to run.
func alike(text string) string {
	text = regexp.MustCompile(`State:\s.*`).ReplaceAllString(text, "State:")
	text = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).ReplaceAllString(text, "ID")
	text = regexp.MustCompile(`\b[0-9a-f]{12,64}\b`).ReplaceAllString(text, "ID")
	text = regexp.MustCompile(`l/[A-Z0-9]{26}`).ReplaceAllString(text, "l/ID") // a layer of overlayfs
	text = regexp.MustCompile(`[0-9A-F]{8,32}:[89A-F][0-9A-F]{3}\b`).ReplaceAllString(text, "ADDRESS:PORT")
	text = regexp.MustCompile(`[ \t]+`).ReplaceAllString(text, " ") // which aligns numbers
	return regexp.MustCompile(`[0-9]+`).ReplaceAllString(text, "N")
}

// differences lists what stands in one view and not in the other.
func differences(fault, decoy view) []string {
	var out []string
	for _, c := range []struct {
		name      string
		has, lack view
	}{{"fault", fault, decoy}, {"decoy", decoy, fault}} {
		for _, where := range slices.Sorted(maps.Keys(c.has)) {
			for _, text := range slices.Sorted(maps.Keys(c.has[where])) {
				if !c.lack[where][text] {
					out = append(out, "only under the "+c.name+", "+where+": "+text[:min(len(text), 200)])
				}
			}
		}
	}
	return out
}

// TestDifferences: a view that would tell fault from decoy is found to.
func TestDifferences(t *testing.T) {
	seen := func(sightings ...string) *evidence.Record {
		r := &evidence.Record{Marks: []evidence.Mark{
			{At: 10 * time.Second, Name: evidence.MarkInject}, {At: 12 * time.Second, Name: evidence.MarkBitten},
		}}
		for i := 0; i < len(sightings); i += 2 {
			raw, err := json.Marshal(map[string]string{"where": sightings[i], "text": sightings[i+1]})
			if err != nil {
				t.Fatal(err)
			}
			r.Claims = append(r.Claims, evidence.Claim{At: time.Duration(i+1) * time.Second, Raw: raw})
		}
		return r
	}
	calm := []string{"/proc/7/status", "Name:\tnode\nState:\tS (sleeping)\nVmRSS: 100 kB", "/etc/hostname", "0123456789ab"}
	for _, c := range []struct {
		name         string
		fault, decoy []string
		want         int
	}{
		{"the same", calm, []string{"/proc/912/status", "Name:\tnode\nState:\tR (running)\nVmRSS:     99 kB", "/etc/hostname", "ffff56789abc"}, 0},
		{"a command", append(slices.Clone(calm), "quick command", "kill -STOP 43"), calm, 1},
		{"another request", append(slices.Clone(calm), "quick command", "POST /stall"), append(slices.Clone(calm), "quick command", "POST /pause"), 2},
		{"a file", calm, append(slices.Clone(calm), "quick file", "/srv/flags/next"), 1},
		{"a process", []string{"/proc/7/status", "Name:\tsh", "/etc/hostname", "0123456789ab"}, calm, 4},
		{"after the harm", append(slices.Clone(calm), "", "", "", "", "", "", "", "", "quick command", "pm2 restart"), calm, 0},
	} {
		if got := differences(viewOf(seen(c.fault...)), viewOf(seen(c.decoy...))); len(got) != c.want {
			t.Errorf("%s: %d differences, want %d: %q", c.name, len(got), c.want, got)
		}
	}
}

// contract is what an engine is told by the old names (harness/engine/environment.go).
var contract = regexp.MustCompile(`PM2DRILL_(APP|URL|ALERT_URL)`)

// forbidden matches what would tell of the experiment: the names of scenarios, of
// fixtures that differ from one to the next, of this command and of the runs given.
func forbidden(runs ...string) *regexp.Regexp {
	words := []string{`(?i)pm2-?drill`, `(?i)scenario`, `(?i)fixture`, `(?i)decoy`, `(?i)\bfault`, `testcontainers`}
	for _, run := range runs {
		words = append(words, regexp.QuoteMeta(run))
	}
	for _, s := range append(scenarios.Catalogue(), scenarios.Soaks()...) {
		words = append(words, `\b`+s.Name+`\b`)
		if app := s.App.Fixture; strings.Contains(app, "-") {
			words = append(words, `\b`+app+`\b`)
		}
	}
	return regexp.MustCompile(strings.Join(words, "|"))
}

// unknownVariable names a variable of the engine's own environment that neither the
// contract nor any image has.
func unknownVariable(where, text string) string {
	if where != "own environment" {
		return ""
	}
	for _, v := range strings.Split(text, "\n") {
		name, _, _ := strings.Cut(v, "=")
		if !regexp.MustCompile(`^(PATH|HOME|HOSTNAME|PWD|OLDPWD|SHLVL|_|NODE_VERSION|YARN_VERSION|PM2_HOME|(ENGINE|PM2DRILL)_(APP|URL|ALERT_URL))$`).MatchString(name) {
			return name
		}
	}
	return ""
}

// around is the text near a word.
func around(text, word string) string {
	i := strings.Index(text, word)
	return text[max(0, i-60):min(len(text), i+len(word)+60)]
}
