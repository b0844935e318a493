package sandbox_test

import (
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
)

// TestLocateKeepsToTheApp holds that no key of an app is shown where another app has it:
// apps of a required file are nowhere in the text, and those that are pushed to them are.
func TestLocateKeepsToTheApp(t *testing.T) {
	list := func(names ...string) ecosystem.Config {
		c := ecosystem.Config{Under: "apps"}
		for _, name := range names {
			app := ecosystem.Value{Kind: ecosystem.Object}
			app.Set("name", ecosystem.Value{Kind: ecosystem.String, Text: name})
			app.Set("watch", ecosystem.Value{Kind: ecosystem.Bool, True: true})
			env := ecosystem.Value{Kind: ecosystem.Object}
			env.Set("PORT", ecosystem.Value{Kind: ecosystem.Number, Num: 3000})
			app.Set("env", env)
			c.Apps = append(c.Apps, app)
		}
		return c
	}
	for _, c := range []struct {
		what, src string
		config    ecosystem.Config
		want      map[int]int // of each app, the line of its keys; 0 for none
	}{
		{"pushed to what is required", "const e = require('./base');\ne.apps.push(\n{ name: 'b', watch: true, env: { PORT: 1 } });\nmodule.exports = e;", list("a", "b"), map[int]int{0: 0, 1: 3}},
		{"some left out", "module.exports = { apps: [\n{ name: 'a', watch: true, env: { PORT: 1 } },\n{ name: 'b', watch: true, env: { PORT: 1 } },\n].filter((x) => x.name !== 'a') };", list("b"), map[int]int{0: 3}},
		{"named by a function", "const named = require('./named');\nmodule.exports = { apps: [\nnamed({ name: 'a', watch: true, env: { PORT: 1 } }),\n] };", list("shop-a"), map[int]int{0: 3}},
		{"made of a common part", "const base = { watch: true, env: { PORT: 1 } };\nmodule.exports = { apps: ['a', 'b'].map((name) => require('./app')(name)) };", list("a", "b"), map[int]int{0: 1, 1: 1}},
	} {
		found, _ := sandbox.Locate(c.src, ecosystem.Module, c.config)
		for i, line := range c.want {
			for _, key := range []string{"watch", "env.PORT"} {
				if got := lineOf(found, i, key); got != line {
					t.Errorf("%s: %s of app %d is shown on line %d, want %d", c.what, key, i, got, line)
				}
			}
		}
	}
}

// lineOf is the line of an app's key, 0 if it has none.
func lineOf(all []ecosystem.Position, app int, key string) int {
	for _, p := range all {
		if p.App == app && p.Key == key {
			return p.Line
		}
	}
	return 0
}
