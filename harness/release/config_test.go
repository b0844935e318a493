package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// fileKeys are those keys of .goreleaser.yaml whose values are files of this repository.
var fileKeys = []string{"src", "main", "dockerfile", "files", "extra_files"}

// TestGoreleaserFiles: every file and folder that the configuration names is there.
func TestGoreleaserFiles(t *testing.T) {
	var doc yaml.Node
	read(t, ".goreleaser.yaml", &doc)
	seen := 0
	walk(&doc, func(key, value string) {
		if !slices.Contains(fileKeys, key) {
			return
		}
		seen++
		if _, err := os.Stat(filepath.Join(root, value)); err != nil {
			t.Errorf("%s: %s: %v", key, value, err)
		}
	})
	if seen < 10 {
		t.Errorf("only %d files are named", seen)
	}
}

// TestGoreleaserPlatforms: there is a binary for each platform that npm and the action know.
func TestGoreleaserPlatforms(t *testing.T) {
	var config struct {
		Builds   []struct{ Goos, Goarch, Ldflags []string }
		Archives []struct {
			Name string `yaml:"name_template"`
		}
		Checksum struct {
			Name string `yaml:"name_template"`
		}
	}
	read(t, ".goreleaser.yaml", &config)
	if len(config.Builds) != 1 || len(config.Archives) != 1 {
		t.Fatalf("%+v", config)
	}
	b := config.Builds[0]
	if !slices.Equal(b.Goos, []string{"linux", "darwin"}) || !slices.Equal(b.Goarch, []string{"amd64", "arm64"}) {
		t.Errorf("builds for %v on %v: adapt .packaging/npm/build.sh and .packaging/fetch.sh too", b.Goos, b.Goarch)
	}
	if len(b.Ldflags) != 1 || !strings.Contains(b.Ldflags[0], "-X github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli.release={{ .Tag }}") {
		t.Errorf("the version is not stamped: %q", b.Ldflags)
	}
	if config.Archives[0].Name != "{{ .ProjectName }}-{{ .Os }}-{{ .Arch }}" || config.Checksum.Name != "SHA256SUMS" {
		t.Errorf(".packaging/fetch.sh asks for other names than %+v and %+v", config.Archives, config.Checksum)
	}
}

// TestUnit: systemd knows every setting of the unit.
func TestUnit(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	const name = "pm2drill-engine@.service"
	text, err := os.ReadFile(filepath.Join(root, "images/systemd", name))
	if err != nil {
		t.Fatal(err)
	}
	installed := strings.Replace(string(text), "/usr/bin/pm2drill ", "/bin/true ", 1) // the package is not
	unit := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(unit, []byte(installed), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, said := run(t, root, nil, "systemd-analyze", "verify", "--man=no", unit); code != 0 || said != "" {
		t.Errorf("systemd-analyze: exit code %d: %s", code, said)
	}
}

// pinned is an action by the SHA of its commit, with the version for people.
var pinned = regexp.MustCompile(`^\s*-? *uses: (\./|\S+@[0-9a-f]{40} # v\d)`)

// TestActionsArePinned: no action is named by a tag, which its owner may move.
func TestActionsArePinned(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, ".github/workflows/*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, filepath.Join(root, "action.yml")) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, "uses:") && !strings.HasPrefix(strings.TrimSpace(line), "#") && !pinned.MatchString(line) {
				t.Errorf("%s: pin it by SHA, with the version behind it: %s", file, line)
			}
		}
	}
}

// TestAction: each mode calls the command with the inputs as words, and states its result.
func TestAction(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not installed")
	}
	for _, c := range []struct {
		what string
		env  []string
		code int
		call string // what the command is called with, a word a line; "" if it is not called
		says []string
	}{
		{"validate", []string{"MODE=validate", "FILES=a b.js\nc.js\n", "ARGS=--threshold\nwarning", "EXIT=1"}, 1,
			"validate\n--format\ngithub\n--threshold\nwarning\n--\na b.js\nc.js\n", []string{"ruling=broken", "exit-code=1"}},
		{"validate all", []string{"MODE=validate", "EXIT=0"}, 0, "validate\n--format\ngithub\n--\n.\n", []string{"ruling=kept"}},
		{"gate", []string{"MODE=gate", "ENGINE=sh $(id)", "PROFILE=core", "SHARD=1/4", "DRILL_PM2=7.0.4", "EXIT=2"}, 2,
			"gate\n--profile\ncore\n--out\nREPORT\n--engine\nsh $(id)\n--shard\n1/4\n--pm2\n7.0.4\n", []string{"ruling=inconclusive", "part=1-of-4", "report="}},
		{"a failure", []string{"MODE=gate", "EXIT=70"}, 70, "gate\n--profile\n\n--out\nREPORT\n", []string{"ruling=error"}},
		{"no such mode", []string{"MODE=drill", "EXIT=0"}, 64, "", []string{"ruling=error", "exit-code=64"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			dir := t.TempDir()
			binary, called, output := filepath.Join(dir, "pm2drill"), filepath.Join(dir, "called"), filepath.Join(dir, "output")
			if err := os.WriteFile(binary, []byte("#!/bin/sh\nprintf '%s\\n' \"$@\" >'"+called+"'\nexit $EXIT\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			env := []string{"BINARY=" + binary, "RUNNER_TEMP=" + dir, "GITHUB_OUTPUT=" + output, "FILES=", "ARGS=", "PROFILE=", "SHARD=",
				"ENGINE=", "ENGINE_DIR=", "ENGINE_IMAGE=", "DRILL_NODE=", "DRILL_PM2="}
			code, said := run(t, dir, append(env, c.env...), "bash", absolute(t, ".packaging/action.sh"))
			if code != c.code {
				t.Errorf("exit code %d, want %d: %s", code, c.code, said)
			}
			words, _ := os.ReadFile(called) // there is none where the command is not called
			if got := regexp.MustCompile(regexp.QuoteMeta(dir)+`/pm2drill-\w+/report`).ReplaceAllString(string(words), "REPORT"); got != c.call {
				t.Errorf("called with %q, want %q", got, c.call)
			}
			outputs, _ := os.ReadFile(output) // what is missing is said below
			for _, says := range c.says {
				if !strings.Contains("\n"+string(outputs), "\n"+says) {
					t.Errorf("no %q in the outputs %q", says, outputs)
				}
			}
		})
	}
}

// TestActionInputs: the steps of action.yml use each input, and no other.
func TestActionInputs(t *testing.T) {
	var action struct {
		Inputs map[string]struct{ Description string }
		Runs   struct{ Using string }
	}
	read(t, "action.yml", &action)
	text, err := os.ReadFile(filepath.Join(root, "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, found := range regexp.MustCompile(`inputs\.([a-z0-9-]+)`).FindAllStringSubmatch(string(text), -1) {
		used[found[1]] = true
		if _, there := action.Inputs[found[1]]; !there {
			t.Errorf("there is no input %s", found[1])
		}
	}
	for name, input := range action.Inputs {
		if !used[name] || input.Description == "" {
			t.Errorf("input %s: used %v, description %q", name, used[name], input.Description)
		}
	}
	if len(used) == 0 || action.Runs.Using != "composite" {
		t.Errorf("%+v", action)
	}
}

func absolute(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// read parses a YAML file of the repository.
func read(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("cannot read %s: %v", name, err)
	}
}

// walk calls each for every scalar, with the key that it or its list has.
func walk(n *yaml.Node, each func(key, value string)) { walkUnder("", n, each) }

func walkUnder(key string, n *yaml.Node, each func(key, value string)) {
	switch n.Kind {
	case yaml.ScalarNode:
		each(key, n.Value)
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			walkUnder(n.Content[i].Value, n.Content[i+1], each)
		}
	default:
		for _, child := range n.Content {
			walkUnder(key, child, each)
		}
	}
}
