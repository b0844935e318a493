package yaml_test

import (
	"bufio"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/yaml"
)

//go:embed testdata/oracle.js
var oracleJS []byte

// oracle is a Node with the js-yaml of an installed PM2.
type oracle struct {
	pm2 string // its version
	in  io.Writer
	out *bufio.Reader
}

// newOracle starts Node with the PM2 whose command is on PATH, or with the one that stands
// in the folder PM2DRILL_PM2 (a node_modules/pm2). In the image a missing one is a failure.
func newOracle(t *testing.T) *oracle {
	t.Helper()
	folder, err := findPM2()
	if err != nil && os.Getenv("PM2DRILL_DAEMON_TEST") == "" {
		t.Skipf("%v: images/in-container.sh ./harness/ecosystem/yaml, or PM2DRILL_PM2=.../node_modules/pm2", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "oracle.js")
	if err := os.WriteFile(script, oracleJS, 0o644); err != nil {
		t.Fatal(err)
	}
	library := evaluated(t, `path.dirname(require.resolve('js-yaml/package.json', { paths: [process.argv[1]] }))`, folder)
	o := &oracle{pm2: evaluated(t, `require(path.join(process.argv[1], 'package.json')).version`, folder)}
	cmd := exec.CommandContext(t.Context(), "node", script, library)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	o.in, o.out = in, bufio.NewReader(out)
	return o
}

// evaluated is what an expression comes to in Node, with an argument.
func evaluated(t *testing.T, expression, arg string) string {
	t.Helper()
	out, err := exec.Command("node", "-p", expression, arg).Output()
	if err != nil {
		t.Fatalf("cannot evaluate %s for %s: %v", expression, arg, err)
	}
	return strings.TrimSpace(string(out))
}

// findPM2 is the folder of an installed PM2.
func findPM2() (string, error) {
	if folder := os.Getenv("PM2DRILL_PM2"); folder != "" {
		return folder, nil
	}
	if _, err := exec.LookPath("node"); err != nil {
		return "", errors.New("needs node on PATH")
	}
	command, err := exec.LookPath("pm2")
	if err != nil {
		return "", errors.New("needs pm2 on PATH")
	}
	if command, err = filepath.EvalSymlinks(command); err != nil {
		return "", err
	}
	return filepath.Dir(filepath.Dir(command)), nil
}

// ask is what js-yaml makes of a text; refused is its error.
func (o *oracle) ask(t *testing.T, text string) (v ecosystem.Value, refused string) {
	t.Helper()
	if _, err := io.WriteString(o.in, base64.StdEncoding.EncodeToString([]byte(text))+"\n"); err != nil {
		t.Fatal(err)
	}
	line, err := o.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("cannot ask node about %q: %v", text, err)
	}
	var answer struct {
		Value *ecosystem.Value `json:"value"`
		Error string           `json:"error"`
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	if answer.Error != "" {
		return v, answer.Error
	}
	if answer.Value == nil {
		return ecosystem.Value{Kind: ecosystem.Null}, ""
	}
	return *answer.Value, ""
}

// verdict compares what a text means here and to js-yaml; "" where it is the same, or
// where it is unsupported here.
func (o *oracle) verdict(t *testing.T, text string) (wrong string, got ecosystem.Evaluation) {
	t.Helper()
	got = yaml.Evaluate(ecosystem.Request{Path: "ecosystem.yml", Dialect: ecosystem.YAML, Source: []byte(text), Target: ecosystem.Target{PM2: o.pm2}})
	if got.Unsupported != "" {
		return "", got
	}
	want, refused := o.ask(t, text)
	switch {
	case got.Failure != nil && refused == "":
		return fmt.Sprintf("refused here (%d:%d: %s), and PM2 has %s", got.Failure.Line, got.Failure.Col, got.Failure.Message, canonical(want)), got
	case got.Failure == nil && refused != "":
		return fmt.Sprintf("%s here, and PM2 refuses: %s", canonical(got.Value), refused), got
	case got.Failure == nil && canonical(got.Value) != canonical(want):
		return fmt.Sprintf("%s here, and for PM2 %s", canonical(got.Value), canonical(want)), got
	}
	return "", got
}

// canonical is a value with its keys in order, which means nothing to PM2. It tells -0
// from 0.
func canonical(v ecosystem.Value) string {
	switch {
	case v.Is(ecosystem.Number) && v.Num == 0 && math.Signbit(v.Num):
		return "-0"
	case v.Is(ecosystem.Array):
		parts := make([]string, len(v.Items))
		for i, x := range v.Items {
			parts[i] = canonical(x)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case v.Is(ecosystem.Object):
		parts := make([]string, len(v.Fields))
		for i, f := range v.Fields {
			parts[i] = fmt.Sprintf("%q: %s", f.Key, canonical(f.Value))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return v.Inspect()
}
