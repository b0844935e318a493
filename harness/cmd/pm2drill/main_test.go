package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestMain lets the test binary be the command, and an agent that the command starts, which
// may have no environment.
func TestMain(m *testing.M) {
	if os.Getenv("PM2DRILL_BE_THE_COMMAND") != "" || len(os.Args) > 1 && os.Args[1] == "agent" {
		os.Exit(dispatch())
	}
	os.Exit(m.Run())
}

// command runs pm2drill with a Docker engine that does not exist, unless env
// says otherwise.
func pm2drill(t *testing.T, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(append(os.Environ(), "PM2DRILL_BE_THE_COMMAND=1", "DOCKER_HOST=tcp://127.0.0.1:1"), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// TestBadInput: one line that names the thing and the remedy.
func TestBadInput(t *testing.T) {
	taken := t.TempDir()
	for _, c := range []struct {
		args string
		code int
		says []string
	}{
		{"", 64, []string{"usage: pm2drill"}},
		{"drill", 64, []string{`no command "drill"`, "pm2drill help"}},
		{"run nonsense", 64, []string{"pm2drill run: ", `"nonsense"`, "pm2drill list", "tier:core", "cause:port-conflict"}},
		{"run port-takn", 64, []string{"pm2drill run: ", `"port-takn"`, "did you mean port-taken?", "pm2drill list"}},
		{"list tier:cor", 64, []string{"pm2drill list: ", `"tier:cor"`, "did you mean tier:core?"}},
		{"reproduce port-takn", 64, []string{"pm2drill reproduce: ", "did you mean port-taken?"}},
		{"selftest does-nothin", 64, []string{"pm2drill selftest: ", "did you mean does-nothing?"}},
		{"run --arms left port-taken", 64, []string{`"left"`, "healthy,control"}},
		{"run --repeat 0", 64, []string{"--repeat 0"}},
		{"run --until 2 port-taken", 64, []string{`--until "2"`, "such as 0.1%"}},
		{"run --until 1% --repeat 3 port-taken", 64, []string{"--until", "leave out --repeat"}},
		{"run --at-most 3 port-taken", 64, []string{"--at-most goes with --until"}},
		{"run --frequency 1", 64, []string{"-frequency", "--help"}},
		{"run port-taken", 70, []string{"127.0.0.1:1", "make docker"}},
		{"run port-taken --hosts nowhere", 64, []string{`--hosts "nowhere"`, "no file that can be read", "ssh://user@host"}},
		{"run port-taken --hosts tcp://a:1,tcp://a:1", 64, []string{"named twice"}},
		{"gate --engine x --hosts tcp://127.0.0.1:1 --at-failure", 64, []string{"--at-failure", "--hosts"}},
		{"run port-taken --hosts tcp://127.0.0.1:1=2", 70, []string{"tcp://127.0.0.1:1", "leave that host out"}},
		{"run ./nowhere", 64, []string{"no folder ./nowhere"}},
		{"run --at-failure port-taken", 64, []string{"--at-failure", "Leave it out"}},
		{"run --at-failure --json port-taken", 64, []string{"--at-failure", "--json"}},
		{"gate --engine x --at-failure", 64, []string{"--at-failure", "Leave it out"}},
		{"reproduce port-taken --app x", 64, []string{"--from"}},
		{"reproduce --from x.tgz --env production", 64, []string{"--app or --image"}},
		{"reproduce --from nowhere.tgz", 64, []string{"nowhere.tgz"}},
		{"list nonsense", 64, []string{`"nonsense"`}},
		{"engine chek", 64, []string{"pm2drill engine", `"chek"`, "did you mean check?", "pm2drill engine --help"}},
		{"engine --app x aprove", 64, []string{"pm2drill engine", `"aprove"`, "did you mean approve?"}},
		{"engine nonsense", 64, []string{"pm2drill engine", `"nonsense"`, "pm2drill engine --help"}},
		{"help engine chek", 64, []string{`"chek"`, "did you mean check?"}},
		{"help lists", 64, []string{`"lists"`, "did you mean list?"}},
		{"help list extra", 64, []string{`"extra"`, "pm2drill help"}},
		{"completion", 64, []string{"usage: pm2drill completion", "bash"}},
		{"completion sh", 64, []string{"pm2drill completion", `"sh"`, "bash"}},
		{"completion nonsense", 64, []string{"pm2drill completion", `"nonsense"`, "pm2drill completion --help"}},
		{"completion bash extra", 64, []string{"pm2drill completion bash", `"extra"`}},
		{"engine check", 64, []string{"pm2drill engine check FILE"}},
		{"engine check nowhere.yaml", 64, []string{"nowhere.yaml", "no such file"}},
		{"engine init a b", 64, []string{"one file"}},
		{"engine init --home /nowhere", 64, []string{"/nowhere is not a directory"}},
		{"engine approve --home /nowhere x", 64, []string{"/nowhere"}},
		{"engine --config nowhere.yaml", 64, []string{"nowhere.yaml", "no such file"}},
		{"engine --app x --home / --listen 0.0.0.0:1", 64, []string{"0.0.0.0:1", "--listen-beyond-loopback"}},
		{"schema nonsense", 64, []string{`"nonsense"`, "ecosystem, engine or incidents"}},
		{"schema engine --entry", 64, []string{"--entry"}},
		{"compare x", 64, []string{"two report folders"}},
		{"compare --json --markdown x y", 64, []string{"leave one of them out"}},
		{"report x", 64, []string{"report.html", "--compare A B"}},
		{"report --compare ./nowhere ./nowhere", 64, []string{"nowhere"}},
		{"judge", 64, []string{"name one report folder"}},
		{"judge " + taken, 64, []string{"no evidence", taken}},
		{"judge --out " + taken + "/ " + taken, 64, []string{"name another"}},
		{"gate", 64, []string{"--engine CMD", "pm2drill engine"}},
		{"gate --engine x --profile big", 64, []string{`"big"`, "core or extended"}},
		{"gate --engine x port-takn", 64, []string{`"port-takn"`, "port-taken"}},
		{"run port-taken --dry-run --node abc", 64, []string{`--node "abc"`, "26 or 7.0.4"}},
		{"run port-taken --dry-run --pm2 7.x", 64, []string{`--pm2 "7.x"`, "26 or 7.0.4"}},
		{"run port-taken --node ..", 64, []string{`--node ".."`, "26 or 7.0.4"}},
		{"gate --engine x --dry-run --pm2 latest", 64, []string{`--pm2 "latest"`, "26 or 7.0.4"}},
		{"doctor --node abc", 64, []string{`--node "abc"`, "26 or 7.0.4"}},
		{"capture", 64, []string{"--app"}},
		{"capture --app x --url y", 64, []string{`"y"`, "http or https"}},
		{"capture --app x --home /nowhere", 64, []string{"/nowhere is no directory"}},
		{"validate --plan --format json x", 64, []string{"--plan", "--format json"}},
		{"validate --plan --format sarif x", 64, []string{"--plan", "--format sarif"}},
		{"validate --plan --fix x", 64, []string{"--plan", "--fix"}},
		{"validate --plan --baseline b.json x", 64, []string{"--plan", "--baseline"}},
		{"validate --plan --write-baseline b.json x", 64, []string{"--plan", "--write-baseline"}},
		{"validate --fix --format json x", 64, []string{"--fix", "--format json"}},
		{"validate --stdin --pm2 latest", 64, []string{`--pm2 "latest"`, "26 or 7.0.4"}},
		{"run port-taken --dry-run --arms claim", 64, []string{"arm of claim"}},
		{"gate --engine x ./nowhere", 64, []string{"pm2drill gate", "./nowhere"}},
		{"gate --engine x claim-wait-ready", 64, []string{"claim-wait-ready", "pm2drill run"}},
		{"gate --engine x --only-failed " + taken, 64, []string{taken, "report"}},
		{"gate --engine-image i --engine-dir " + taken, 64, []string{"put it in there"}},
		{"teeth nonsense", 64, []string{`"nonsense"`, "does-nothing", "fault-off"}},
		{"run --engine ./x", 64, []string{"./x", "--engine-dir"}},
		{"run --engine-dir " + taken, 64, []string{"--engine"}},
		{"run --engine x --engine-dir /nowhere", 64, []string{"/nowhere", "no folder"}},
		{"clean", 70, []string{"make docker"}},
		{"clean extra", 64, []string{"pm2drill clean", `"extra"`, "no arguments"}},
		{"clean -- --dry-run", 64, []string{"pm2drill clean", `"--dry-run"`, "no arguments"}},
		{"doctor extra", 64, []string{"pm2drill doctor", `"extra"`, "no arguments"}},
		{"version extra", 64, []string{"pm2drill version", `"extra"`, "no arguments"}},
		{"load --url x --rate 1 --duration 1s --lane short", 64, []string{`url "x"`}},
		{"agent", 64, []string{"observe"}},
		{"valdate x", 64, []string{`"valdate"`, "did you mean validate?"}},
		{"help valdate", 64, []string{`"valdate"`, "did you mean validate?"}},
		{"run --jsno", 64, []string{"pm2drill run", "--jsno", "did you mean --json?", "pm2drill run --help"}},
		{"run -frequency 1", 64, []string{"--frequency", "pm2drill run --help"}},
		{"engine --nonsense", 64, []string{"--nonsense", "pm2drill engine --help"}},
		{"engine --stall 5", 64, []string{`--stall "5"`, "500ms, 10s or 1m30s", "pm2drill engine --help"}},
		{"engine --min-healthy two", 64, []string{`--min-healthy "two"`, "whole number"}},
		{"capture --app x --for long", 64, []string{`--for "long"`, "500ms, 10s or 1m30s"}},
		{"run --repeat many", 64, []string{`--repeat "many"`, "whole number"}},
		{"load --rate fast", 64, []string{`--rate "fast"`, "give a number"}},
		{"run --json=perhaps", 64, []string{`--json "perhaps"`, "true or false"}},
		{"engine --dry-run=perhaps", 64, []string{`--dry-run "perhaps"`, "true or false"}},
		{"-V", 64, []string{"there is no flag -V", "did you mean -v?"}},
		{"run -q", 64, []string{"there is no flag -q", "pm2drill run --help"}},
		{"engine --config", 64, []string{"--config needs a value"}},
		{"engine --inspector sometimes", 64, []string{"sometimes", "never, private or always", "pm2drill engine --help"}},
		{"load --frequency 5", 64, []string{"--frequency", "pm2drill load --help"}},
		{"man", 64, []string{"pm2drill man DIR"}},
	} {
		code, stdout, stderr := pm2drill(t, nil, strings.Fields(c.args)...)
		if code != c.code {
			t.Errorf("pm2drill %s: exit code %d, want %d: %s", c.args, code, c.code, stderr)
		}
		for _, says := range c.says {
			if !strings.Contains(stderr, says) {
				t.Errorf("pm2drill %s: does not say %q: %s", c.args, says, stderr)
			}
		}
		if c.args != "" && c.args != "completion" && strings.Count(strings.TrimSpace(stderr), "\n") > 0 {
			t.Errorf("pm2drill %s: says more than a line: %s", c.args, stderr)
		}
		if stdout != "" {
			t.Errorf("pm2drill %s: prints to stdout: %s", c.args, stdout)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, args := range []string{"help", "--help", "run --help", "list --help", "judge --help", "load --help", "clean --help", "version"} {
		code, stdout, stderr := pm2drill(t, nil, strings.Fields(args)...)
		if code != 0 || stdout == "" || stderr != "" {
			t.Errorf("pm2drill %s: exit code %d, stdout %q, stderr %q", args, code, stdout, stderr)
		}
	}
}

// TestUsageLines: what a verb does by itself and its commands stand below one another.
func TestUsageLines(t *testing.T) {
	for args, want := range map[string]string{
		"engine --help":     "usage: pm2drill engine {--app NAME [--url URL] | --config FILE} [flags]\n       pm2drill engine COMMAND [ARGUMENTS]\n\n",
		"completion --help": "usage: pm2drill completion COMMAND [ARGUMENTS]\n\n",
	} {
		if _, stdout, _ := pm2drill(t, nil, strings.Fields(args)...); !strings.HasPrefix(stdout, want) {
			t.Errorf("pm2drill %s: want %q: %s", args, want, stdout)
		}
	}
}

// TestHelpIsSentences: what help says of a command begins with a capital, also where it is its
// short description.
func TestHelpIsSentences(t *testing.T) {
	for _, args := range []string{"version --help", "help help", "completion bash --help"} {
		_, stdout, _ := pm2drill(t, nil, strings.Fields(args)...)
		_, body, _ := strings.Cut(stdout, "\n\n")
		if body == "" || body[:1] != strings.ToUpper(body[:1]) {
			t.Errorf("pm2drill %s: %s", args, body)
		}
	}
	if _, stdout, _ := pm2drill(t, nil, "completion", "--help"); strings.Contains(stdout, "Generate") || !strings.Contains(stdout, "print the script of bash") {
		t.Errorf("the shells are described otherwise than commands: %s", stdout)
	}
}

func TestList(t *testing.T) {
	code, stdout, _ := pm2drill(t, nil, "list", "--json")
	var got []struct {
		Name, Story string
		Labels      []string
	}
	if err := json.Unmarshal([]byte(stdout), &got); code != 0 || err != nil {
		t.Fatalf("exit code %d, %v: %s", code, err, stdout)
	}
	causes := map[string]bool{}
	for _, s := range got {
		if s.Name == "" || s.Story == "" || len(s.Labels) < 2 {
			t.Errorf("%+v lacks something", s)
		}
		for _, l := range s.Labels {
			causes[l] = true
		}
	}
	for _, want := range []string{"cause:dies-at-boot", "cause:graceful-shutdown", "cause:port-conflict", "cause:skewed-load", "tier:core"} {
		if !causes[want] {
			t.Errorf("no scenario is labelled %s", want)
		}
	}
	if _, one, _ := pm2drill(t, nil, "list", "cause:port-conflict"); !strings.Contains(one, "port-taken") || strings.Contains(one, "sigint") {
		t.Errorf("a label selects %s", one)
	}
}
