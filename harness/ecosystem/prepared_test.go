package ecosystem

import (
	"strings"
	"testing"
)

// TestPrepare is what TestDaemonStartAgreesWithPM2 cannot ask one installation: other
// versions, and files that are not here.
func TestPrepare(t *testing.T) {
	for _, x := range []struct {
		name, pm2, node  string
		app              Value
		interpreter      string
		cluster, assumed bool
		launcher         string
	}{
		{"a program by its name", "7.0.4", "26.10.0", object("script", text("cargo"), "instances", num(2)), "none", false, true, ""},
		{"npm", "7.0.4", "26.10.0", object("script", text("npm"), "instances", num(2)), "node", true, true, "npm"},
		{"a command line", "7.0.4", "26.10.0", object("script", text("npm start"), "instances", num(2)), "none", false, true, "npm"},
		{"TypeScript, old", "7.0.3", "26.10.0", object("script", text("a.ts"), "instances", num(1)), "bun", true, false, ""},
		{"TypeScript", "7.0.4", "26.10.0", object("script", text("a.ts"), "instances", num(1)), "node", true, false, ""},
		{"TypeScript, Node too old", "7.0.4", "20.19.0", object("script", text("a.ts")), "bun", false, false, ""},
		{"TypeScript with JSX", "7.0.4", "26.10.0", object("script", text("a.tsx")), "bun", false, false, ""},
		{"ts-node in front", "7.0.4", "26.10.0", object("script", text("a.ts"), "exec_interpreter", text("ts-node"), "instances", num(1)), "ts-node", true, false, ""},
		{"node in the directory, 7.0.1", "7.0.1", "26.10.0", object("script", text("a.ts"), "exec_interpreter", text("./node_modules/.bin/tsx"), "instances", num(1)), "./node_modules/.bin/tsx", false, false, "tsx"},
		{"node in the directory, 7.0.0", "7.0.0", "26.10.0", object("script", text("a.ts"), "exec_interpreter", text("./node_modules/.bin/tsx"), "instances", num(1)), "./node_modules/.bin/tsx", true, false, "tsx"},
		{"bun", "7.0.4", "26.10.0", object("script", text("a.js"), "exec_interpreter", text("bun"), "instances", num(1)), "bun", true, false, ""},
		{"bun, 5", "5.4.3", "26.10.0", object("script", text("a.js"), "exec_interpreter", text("bun"), "instances", num(1)), "bun", false, false, ""},
		{"express", "7.0.4", "26.10.0", object("script", text("bin/www")), "node", false, true, ""},
		{"a shim of pnpm or a link of npm", "7.0.4", "26.10.0", object("script", text("node_modules/.bin/next"), "instances", num(1)), "node", true, true, ""},
		{"a built binary", "7.0.4", "26.10.0", object("script", text("./target/release/api"), "instances", num(1)), "none", false, true, ""},
		{"a Python script", "7.0.4", "26.10.0", object("script", text("a.py"), "instances", num(1)), "python", false, false, ""},
		{"two cores fewer", "7.0.4", "26.10.0", object("script", text("a.js"), "instances", num(-2)), "node", false, false, ""},
	} {
		target := Target{PM2: x.pm2, Node: x.node, CPUs: 4, Cwd: "/srv"}
		ready, rejected := Verify([]Value{x.app}, target)
		if rejected != nil {
			t.Fatal(x.name, rejected)
		}
		p := Prepare(ready[0], target, nil)
		if p.Interpreter != x.interpreter || p.Cluster != x.cluster || p.Assumed != x.assumed || p.Launcher != x.launcher {
			t.Errorf("%s: %+v, want %s, cluster %v, assumed %v, launcher %q", x.name, p, x.interpreter, x.cluster, x.assumed, x.launcher)
		}
	}
}

func TestStripsTypesByAFlag(t *testing.T) {
	for node, want := range map[string]string{"22.17.0": "--experimental-strip-types", "22.18.0": "", "23.5.0": "--experimental-strip-types", "23.6.0": "", "20.19.0": "refused"} {
		p := Prepare(object("script", text("a.ts")), Target{PM2: "7.0.4", Node: node, Cwd: "/srv"}, nil)
		got := strings.Join(p.NodeArgs, " ")
		if p.Refused != "" {
			got = "refused"
		}
		if got != want {
			t.Errorf("Node %s: %q, want %q", node, got, want)
		}
	}
}

func TestLauncher(t *testing.T) {
	for command, want := range map[string]string{
		"npm start": "npm", "yarn run serve": "yarn", "node server.js": "", "PORT=3 node server.js": "", "cd app && npm start": "npm", "cd app && node a.js": "",
		"node a.js | tee log": "bash", "node a.js; true": "bash", "exec node a.js 2>&1": "", "env A=1 npx serve": "npx", "/usr/bin/pnpm start": "pnpm", "go run .": "go", "cargo run": "",
		"sh -c 'npm start'": "npm", "cross-env A=1 node a.js": "cross-env",
	} {
		p := Prepare(object("script", text("bash"), "args", Value{Kind: Array, Items: []Value{text("-c"), text(command)}}), Target{PM2: "7.0.4"}, nil)
		if p.Launcher != want {
			t.Errorf("%s: %q, want %q", command, p.Launcher, want)
		}
	}
}

func TestIsBinary(t *testing.T) {
	for name, x := range map[string]struct {
		text string
		want bool
	}{
		"nothing": {"", false}, "ELF": {"\x7fELF\x02\x01\x01\x00", true}, "a shell script": {"#!/bin/sh\necho\n", false}, "UTF-8": {"// " + strings.Repeat("é", 40), false},
		"four bytes a character": {strings.Repeat("\U0001F600", 20), true}, "a byte order mark": {"\xEF\xBB\xBF\x00", false}, "Latin-1": {strings.Repeat("\xe9a", 30), true},
	} {
		if got := isBinary([]byte(x.text)); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func FuzzLauncher(f *testing.F) {
	f.Add("cd a && PORT=1 exec sh -c 'npm start'")
	f.Fuzz(func(_ *testing.T, s string) { _ = findShellLauncher("bash", []string{"-c", s}) }) // it must end, and not panic
}

// TestStopSignal is what an app got from PM2 7.0.4, by its daemon's environment.
func TestStopSignal(t *testing.T) {
	set := map[string]string{"PM2_KILL_SIGNAL": "SIGTERM"}
	for _, c := range []struct {
		target Target
		want   string
	}{
		{Target{}, "SIGINT"},
		{Target{OS: set}, "SIGTERM"},
		{Target{OS: set, Route: Runtime}, "SIGTERM"},
		{Target{OS: set, Route: Systemd}, "SIGINT"},
	} {
		if got := c.target.StopSignal(); got != c.want {
			t.Errorf("%v, %v: %s, want %s", c.target.OS, c.target.Route, got, c.want)
		}
	}
}
