package remedy

import (
	"flag"
	"reflect"
	"strings"
	"testing"
)

// TestApps: one engine looks after one app, or after several, each with its URL.
func TestApps(t *testing.T) {
	for _, c := range []struct {
		args, env string
		want      []App
		refused   string
	}{
		{"--app web --url http://127.0.0.1:3000/healthz", "", []App{{Name: "web", URL: "http://127.0.0.1:3000/healthz", Port: 3000}}, ""},
		{"--app web --url https://127.0.0.1/healthz --namespace shop", "", []App{{Name: "web", Namespace: "shop", URL: "https://127.0.0.1/healthz", Port: 443}}, ""},
		{"--app web=http://127.0.0.1:3000/?a=b", "", []App{{Name: "web", URL: "http://127.0.0.1:3000/?a=b", From: "--app web", Port: 3000}}, ""},
		{"--app a=b=http://127.0.0.1:3000/ --app queue", "", []App{{Name: "a=b", URL: "http://127.0.0.1:3000/", From: "--app a=b", Port: 3000}, {Name: "queue"}}, ""},
		{"--app queue", "web", []App{{Name: "queue"}}, ""},
		{"", "web", []App{{Name: "web"}}, ""},
		{"", "", nil, "the app is not known"},
		{"--app web --app web", "", nil, `--app "web": each app is named once`},
		{"--app web --app queue --url http://127.0.0.1:3000/", "", nil, "--app NAME=URL"},
		{"--app web --app queue --namespace shop", "", nil, "--app NAME=URL"},
		{"--app web --app queue --trace /tmp/x", "", nil, "--trace records a single app"},
		{"--app web=http:///x --app queue", "", nil, "cannot use the health URL of web"},
		{"--app web --stream-deadline 0s", "", nil, "--stream-deadline 0s"},
	} {
		env := func(name string) string { return map[string]string{"HOME": "/home/u", "ENGINE_APP": c.env}[name] }
		x, names := parseCommand(t, env, strings.Fields(c.args)...)
		cfg, err := x.configureByFlags(names)
		switch {
		case c.refused != "":
			if err == nil || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%q: %v, want %q", c.args, err, c.refused)
			}
		case err != nil:
			t.Errorf("%q: %v", c.args, err)
		case !reflect.DeepEqual(cfg.Apps, c.want):
			t.Errorf("%q: %+v, want %+v", c.args, cfg.Apps, c.want)
		}
	}
}

// parseCommand returns the command by its flags, and what was given besides.
func parseCommand(t *testing.T, env func(string) string, args ...string) (x *Command, names []string) {
	t.Helper()
	x = NewCommand(env)
	fs := flag.NewFlagSet("engine", flag.ContinueOnError)
	x.Declare(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return x, fs.Args()
}
