package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/pm2drill/pm2drill/harness/capture"
)

// connectTools starts `pm2drill mcp` without a Docker engine, and returns a client of it with
// its tools by name.
func connectTools(t *testing.T, env ...string) (*mcp.ClientSession, map[string]*mcp.Tool) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "mcp")
	cmd.Dir = t.TempDir()
	cmd.Env = append(append(os.Environ(), "PM2DRILL_BE_THE_COMMAND=1", "DOCKER_HOST=tcp://127.0.0.1:1"), env...)
	client, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(), &mcp.CommandTransport{Command: cmd}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Errorf("the server did not end well when its client left: %v", err)
		}
	})
	all, err := client.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*mcp.Tool{}
	for _, tool := range all.Tools {
		byName[tool.Name] = tool
	}
	return client, byName
}

// writeCaptureOfDead writes a capture of a host whose PM2 is dead.
func writeCaptureOfDead(t *testing.T) string {
	t.Helper()
	manifest, err := json.Marshal(capture.Manifest{Schema: capture.Schema, App: "web", PM2: "7.0.4", Node: "26.10.0", Missing: []string{"no daemon answers"}})
	if err != nil {
		t.Fatal(err)
	}
	var raw bytes.Buffer
	zip := gzip.NewWriter(&raw)
	out := tar.NewWriter(zip)
	if err := out.WriteHeader(&tar.Header{Name: "manifest.json", Size: int64(len(manifest)), Mode: 0o600}); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Write(manifest); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "capture.tgz")
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, raw.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestToolsAreCommands: each tool returns what its command prints with --json, with the exit
// code of that, and by the schema that it states.
func TestToolsAreCommands(t *testing.T) {
	folder, captured := unpacked(t, "testdata/evidence/format-2"), writeCaptureOfDead(t)
	config := filepath.Join(t.TempDir(), "ecosystem.config.js")
	if err := os.WriteFile(config, []byte("module.exports = {apps: [{name: 'web', script: 'a.js', instances: Number('x')}]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	client, byName := connectTools(t)
	for _, c := range []struct {
		tool    string
		call    map[string]any
		command []string
		code    int
	}{
		{"list", nil, []string{"list", "--json"}, 0},
		{"list", map[string]any{"names": []string{"cause:port-conflict"}}, []string{"list", "--json", "cause:port-conflict"}, 0},
		{"explain", nil, []string{"explain", "--json"}, 0},
		{"explain", map[string]any{"rules": []string{"K005", "k001"}}, []string{"explain", "--json", "K005", "K001"}, 0},
		{"validate", map[string]any{"files": []string{config}, "cpus": 8, "pm2": "6.0.14"}, []string{"validate", "--format", "json", "--cpus", "8", "--pm2", "6.0.14", config}, 1},
		{"validate", map[string]any{"files": []string{config}, "rule": "T002", "threshold": "error"}, []string{"validate", "--format", "json", "--rule", "T002", config}, 0},
		{"judge", map[string]any{"report": folder}, []string{"judge", "--json", folder}, 0},
		{"compare", map[string]any{"reports": []string{folder, folder}}, []string{"compare", "--json", folder, folder}, 0},
		{"diagnose", map[string]any{"from": captured}, []string{"reproduce", "--diagnose", "--json", "--from", captured}, 0},
	} {
		code, want, errs := pm2drill(t, nil, c.command...)
		got, err := client.CallTool(t.Context(), &mcp.CallToolParams{Name: c.tool, Arguments: c.call})
		if err != nil || got.IsError {
			t.Errorf("%s %v: %v, %+v", c.tool, c.call, err, got)
			continue
		}
		result := got.StructuredContent.(map[string]any)
		if code != c.code || result["exit_code"] != float64(code) {
			t.Errorf("%s %v: exit code %v, and the command's is %d, want %d: %s", c.tool, c.call, result["exit_code"], code, c.code, errs)
		}
		var printed any
		if err := json.Unmarshal([]byte(want), &printed); err != nil || !reflect.DeepEqual(printed, result["output"]) {
			t.Errorf("%s %v returns other JSON than the command prints (%v)", c.tool, c.call, err)
		}
		if err := checkSchema(byName[c.tool].OutputSchema, result); err != nil {
			t.Errorf("%s %v: its result is not as its schema says: %v", c.tool, c.call, err)
		}
		if err := checkSchema(byName[c.tool].InputSchema, toJSON(t, c.call)); err != nil {
			t.Errorf("%s %v: its arguments are not as its schema says: %v", c.tool, c.call, err)
		}
	}
}

func toJSON(t *testing.T, value map[string]any) any {
	t.Helper()
	if value == nil {
		value = map[string]any{}
	}
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// checkSchema returns what of a value is not as a JSON Schema says.
func checkSchema(schema, value any) error {
	c := jsonschema.NewCompiler()
	if err := c.AddResource("tool.json", schema); err != nil {
		return err
	}
	compiled, err := c.Compile("tool.json")
	if err != nil {
		return err
	}
	return compiled.Validate(value)
}

// TestToolSchemasRefuse: the schemas are no schemas of anything.
func TestToolSchemasRefuse(t *testing.T) {
	_, byName := connectTools(t)
	for name, tool := range byName {
		if checkSchema(tool.OutputSchema, map[string]any{"exit_code": 0, "output": map[string]any{}}) == nil {
			t.Errorf("%s may return anything", name)
		}
		if checkSchema(tool.InputSchema, map[string]any{"nonsense": true}) == nil {
			t.Errorf("%s may be given anything", name)
		}
		if tool.Description == "" || tool.Title == "" {
			t.Errorf("%s is not described", name)
		}
	}
	if len(byName) != len(listTools()) {
		t.Errorf("%d tools are served, want %d", len(byName), len(listTools()))
	}
}

// TestToolsRefuse: a refusal is the command's, and names the thing and the remedy.
func TestToolsRefuse(t *testing.T) {
	client, _ := connectTools(t)
	for _, c := range []struct {
		tool string
		call map[string]any
		says []string
	}{
		{"run", map[string]any{"names": []string{"port-takn"}}, []string{"pm2drill run: ", "did you mean port-taken?", "exit code 64"}},
		{"run", map[string]any{"names": []string{"port-taken"}, "repeat": "many"}, []string{`--repeat "many"`, "whole number"}},
		{"run", map[string]any{"names": []string{"port-taken"}}, []string{"127.0.0.1:1", "make docker", "exit code 70"}},
		{"run", map[string]any{"names": []string{"port-taken"}, "at-failure": true}, []string{`"at-failure"`, "the tool run takes"}},
		{"judge", map[string]any{"report": "nowhere"}, []string{"pm2drill judge: ", "nowhere"}},
		{"compare", map[string]any{"reports": []string{"a"}}, []string{"reports has 1 values: give 2"}},
		{"explain", map[string]any{"rules": []string{"K999"}}, []string{`"K999"`, "pm2drill explain"}},
		{"validate", map[string]any{"files": []string{"nowhere.js"}}, []string{"nowhere.js"}},
		{"diagnose", map[string]any{"from": "nowhere.tgz"}, []string{"nowhere.tgz"}},
	} {
		got, err := client.CallTool(t.Context(), &mcp.CallToolParams{Name: c.tool, Arguments: c.call})
		if err != nil || !got.IsError {
			t.Errorf("%s %v is no error of the tool: %v", c.tool, c.call, err)
			continue
		}
		for _, says := range c.says {
			if text := got.Content[0].(*mcp.TextContent).Text; !strings.Contains(text, says) {
				t.Errorf("%s %v: does not say %q: %s", c.tool, c.call, says, text)
			}
		}
	}
}
