package ecosystem

import "testing"

func TestIgnores(t *testing.T) {
	for _, x := range []struct {
		lines, module string
		want          bool
	}{
		{"env.js\n", "env", true},
		{"node_modules\nenv.js", "conf/env", true},
		{"/env.js", "conf/env", false},
		{"/env.js", "env.js", true},
		{"conf/", "conf/env", true},
		{"conf/env.js", "deep/conf/env", false},
		{"**/env.js", "deep/conf/env", true},
		{"*.local.js", "shop.local", true},
		{"*.local.js", "shop", false},
		{"env.js\n!env.js", "env", false},
		{"!env.js\nenv.js", "env", true},
		{"# env.js", "env", false},
		{"", "env", false},
		{"/", "env", false},
		{"[", "env", false},
	} {
		if got := isIgnored(x.lines, x.module, []string{".js", ".json"}); got != x.want {
			t.Errorf("%q of %q: %v", x.lines, x.module, got)
		}
	}
}
