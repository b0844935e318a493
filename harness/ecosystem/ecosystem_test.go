package ecosystem

import (
	"encoding/json"
	"math"
	"testing"
)

func TestDialectOf(t *testing.T) {
	for name, want := range map[string]Dialect{
		"ecosystem.config.js": Module, "ecosystem.config.cjs": Module, "a/b.config.mjs": Module, "pm2.json": JSON, "process.yml": YAML, "x.yaml": YAML,
		"ecosystem.config.js.bak": Module, "a.json.config.js": JSON, "srv.json/ecosystem.config.js": JSON,
		"ecosystem.js": App, "process.js": App, "pm2.config.ts": App, "ecosystem": App, "config.js": App,
	} {
		if got := DialectOf(name); got != want {
			t.Errorf("DialectOf(%q) = %s, want %s", name, got, want)
		}
	}
}

func text(s string) Value { return Value{Kind: String, Text: s} }
func num(n float64) Value { return Value{Kind: Number, Num: n} }

func object(fields ...any) Value {
	v := Value{Kind: Object}
	for i := 0; i < len(fields); i += 2 {
		v.Set(fields[i].(string), fields[i+1].(Value))
	}
	return v
}

func TestVerify(t *testing.T) {
	target := Target{CPUs: 4, PM2: "7.0.4", Node: "26.10.0"}
	yes, no := Value{Kind: Bool, True: true}, Value{Kind: Bool}
	for _, x := range []struct {
		name string
		app  Value
		key  string // of what comes out
		want string // inspected; "refused" or "threw"
	}{
		{"a name out of the script", object("script", text("a/server.test.js")), "name", `"server.test"`},
		{"cmd for script", object("cmd", text("x.js")), "script", `"x.js"`},
		{"a script with a space", object("script", text("x.js -p 1")), "script", `"bash"`},
		{"its arguments", object("script", text("x.js -p 1")), "args", `["-c", "x.js -p 1"]`},
		{"instances max", object("instances", text("max")), "instances", "0"},
		{"instances auto", object("instances", text("auto")), "instances", "0"},
		{"instances 50%", object("instances", text("50%")), "instances", "50"},
		{"NaN passes", object("instances", num(math.NaN())), "instances", "NaN"},
		{"0 is forgotten", object("max_restarts", num(0)), "max_restarts", "undefined"},
		{"0 stays by its camel-cased name", object("maxRestarts", num(0)), "max_restarts", "0"},
		{"false is kept without an alias", object("autorestart", no), "autorestart", "false"},
		{"a default", object("script", text("x.js")), "autorestart", "true"},
		{"an alias", object("interpreter", text("bun")), "exec_interpreter", `"bun"`},
		{"the last alias is the first", object("out", text("a"), "out_log", text("b")), "out_file", `"b"`},
		{"megabytes", object("max_memory_restart", text("512M")), "max_memory_restart", "536870912"},
		{"a fraction", object("max_memory_restart", text("1.5G")), "", "refused"},
		{"seconds", object("min_uptime", text("5s")), "min_uptime", "5000"},
		{"too short", object("min_uptime", num(99)), "", "refused"},
		{"text for a number", object("kill_timeout", text("5s")), "", "refused"},
		{"a number in text", object("kill_timeout", text(" 5000 ")), "kill_timeout", "5000"},
		{"text for a flag", object("wait_ready", text("true")), "", "refused"},
		{"a wrong mode", object("exec_mode", text("clustr")), "", "refused"},
		{"a mode that is no text", object("exec_mode", yes), "", "threw"},
		{"a script that is no text", object("script", num(1)), "", "threw"},
		{"one exit code in a list", object("stop_exit_codes", Value{Kind: Array, Items: []Value{num(0)}}), "stop_exit_codes", "0"},
		{"arguments", object("args", text(`-a "b c" --d='e f' g`)), "args", `["-a", "b c", "--d='e f'", "g"]`},
		{"a wrong pattern", object("cron_restart", text("61 * * * *")), "", "refused"},
		{"the same under its alias", object("cron", text("61 * * * *")), "cron_restart", `"61 * * * *"`},
		{"env_file passes", object("env_file", text(".env")), "env_file", `".env"`},
		{"an unknown key is dropped", object("kill_timout", num(1)), "kill_timout", "undefined"},
	} {
		ready, rejected := Verify([]Value{x.app}, target)
		got := "refused"
		switch {
		case rejected != nil && rejected.Threw:
			got = "threw"
		case rejected == nil:
			got = ready[0].Get(x.key).Inspect()
		}
		if got != x.want {
			t.Errorf("%s: %s, want %s", x.name, got, x.want)
		}
	}
	if _, r := Verify([]Value{{Kind: Null}}, target); r == nil || !r.Threw {
		t.Error("an app that is null must throw")
	}
}

func TestWorkers(t *testing.T) {
	target := Target{CPUs: 4}
	for _, x := range []struct {
		n    Value
		want int
	}{{Value{}, 1}, {num(0), 4}, {num(3), 3}, {num(-1), 3}, {num(-9), 1}, {num(2.7), 2}, {num(math.NaN()), 0}, {num(math.Inf(1)), 0}} {
		if got := Workers(x.n, target); got != x.want {
			t.Errorf("Workers(%s) = %d, want %d", x.n.Inspect(), got, x.want)
		}
	}
}

func TestCheckCron(t *testing.T) {
	for pattern, ok := range map[string]bool{
		"* * * * *": true, "*/5 * * * *": true, "0 4 * * 1-5": true, "0 0 1 jan sun": true, "* * * * * *": true, "0 0 L * *": true, "? * * * *": true,
		"1,2,3 * * * *": true, "0-30/10 * * * *": true, "2020-01-02T03:04:05": true, "2020-01-02T03:04:05Z": true,
		"": false, "* * * *": false, "61 * * * *": false, "* * 0 * *": false, "5-1 * * * *": false, "*/0 * * * *": false, "*/70 * * * *": false,
		"@daily": false, "a * * * *": false, "1,2-3 * * * *": false, "1-2-3 * * * *": false, "every 5:00": false, "* * * * 8": false,
	} {
		if err := CheckCron(text(pattern)); (err == nil) != ok {
			t.Errorf("CheckCron(%q) = %v", pattern, err)
		}
	}
}

func TestValueSurvivesJSON(t *testing.T) {
	v := object("a", num(math.NaN()), "b", num(math.Inf(-1)), "c", Value{Kind: Undefined}, "d", Value{Kind: Null}, "e", Value{Kind: Array, Items: []Value{num(1), text("x")}},
		"f", object("g", Value{Kind: Function}), "h", Value{Kind: Other, Text: "Date"}, "i", Value{Kind: Circular}, "j", Value{Kind: Bool}, "k", Value{Kind: Array})
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var got Value
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Inspect() != v.Inspect() {
		t.Errorf("%s became %s by %s", v.Inspect(), got.Inspect(), raw)
	}
}

func TestConfigOf(t *testing.T) {
	one := Value{Kind: Array, Items: []Value{object("name", text("a"))}}
	for _, x := range []struct {
		v     Value
		under string
		apps  int
	}{{object("apps", one), "apps", 1}, {object("pm2", one), "pm2", 1}, {object("script", text("x")), "", 1}, {one, "", 1}, {object("apps", object("name", text("a"))), "apps", 1}, {object("apps", Value{Kind: Array}), "apps", 0}} {
		c, r := ConfigOf(x.v)
		if r != nil || c.Under != x.under || len(c.Apps) != x.apps {
			t.Errorf("ConfigOf(%s) = %q, %d apps, %v", x.v.Inspect(), c.Under, len(c.Apps), r)
		}
	}
	if _, r := ConfigOf(Value{}); r == nil {
		t.Error("a file that evaluates to nothing must be refused")
	}
}

func TestTargetVersions(t *testing.T) {
	for node, want := range map[string][2]bool{"18.20.0": {}, "20.18.0": {}, "20.19.0": {true, true}, "22.6.0": {}, "22.7.0": {false, true}, "22.12.0": {true, true}, "24.0.0": {true, true}} {
		target := Target{Node: node}
		if got := [2]bool{target.RequiresESM(), target.DetectsESM()}; got != want {
			t.Errorf("Node %s: %v, want %v", node, got, want)
		}
	}
}

func FuzzCheckCron(f *testing.F) {
	for _, s := range []string{"* * * * *", "0-5/2 1,2 L jan ?", "2020-01-02T03:04:05", ""} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, s string) { _ = CheckCron(text(s)) }) // it must end, and not panic
}
