package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/scenarios"
)

// TestDockerEngineIsBlind drills an engine that tells of all it can see: its
// environment, every process in its /proc and every file that it may read. None of
// it may name the experiment.
func TestDockerEngineIsBlind(t *testing.T) {
	binary, dir := built(t), filepath.Join(t.TempDir(), "report")
	cmd := exec.Command(binary, "run", "stopped-worker", "--arms", "decoy", "--engine", "node ./engine.js",
		"--engine-dir", "testdata/peeks", "--out", dir)
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code == exitUsage || code == exitInternal {
		t.Fatalf("exit code %d, %v: %s", code, err, out)
	}
	record, err := evidence.Load(filepath.Join(dir, "evidence", "stopped-worker-decoy.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	words := forbidden(record.Header.Run)
	seen, processes := 0, 0
	for _, c := range record.Claims {
		var line struct{ Where, Text string }
		if json.Unmarshal(c.Raw, &line) != nil || line.Text == "" {
			continue
		}
		seen++
		if strings.HasSuffix(line.Where, "/cmdline") {
			processes++
		}
		text := contract.ReplaceAllString(line.Text, "")
		if found := words.FindString(text); found != "" {
			t.Errorf("%s tells of %q: %.200q", line.Where, found, around(text, found))
		}
		if name := unknownVariable(line.Where, line.Text); name != "" {
			t.Errorf("the engine's environment has %s, which is no word of the contract", name)
		}
	}
	if seen < 100 || processes < 8 {
		t.Fatalf("it told of %d things and %d processes, and must have told of more: %s", seen, processes, out)
	}
}

// contract is what an engine is told, and what the app's own journal is called.
var contract = regexp.MustCompile(`PM2DRILL_[A-Z_]+`)

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
