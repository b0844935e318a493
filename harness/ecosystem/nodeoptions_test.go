package ecosystem

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestRefusedOptions(t *testing.T) {
	for _, x := range []struct {
		node, args string
		want       OptionFaultKind
	}{
		{"26.10.0", "--max-old-space-size=400", ""},
		{"26.10.0", "--max_old_space_size=400 --expose_gc --no-warnings --nolazy", ""},
		{"26.10.0", "--max-old-space-size 400", NeedsEquals},
		{"26.10.0", "--nouse-idle-notification", OtherNode},
		{"22.22.0", "--nouse-idle-notification", ""},
		{"23.5.0", "--nouse-idle-notification", ""}, // a neighbour has it
		{"25.1.0", "--nouse-idle-notification", OtherNode},
		{"26.10.0", "–harmony", NoHyphen},
		{"26.10.0", "-r dotenv/config --import tsx --import=tsx", ""},
		{"26.10.0", "--max-old-space=400", NoSuchOption},
		{"26.10.0", "--port=3000", NoSuchOption},
		{"26.10.0", "--debug", NoSuchOption},
		{"26.10.0", "server.js --port=3000", ""}, // of the script
		{"26.10.0", "-- --port=3000", ""},
		{"16.20.2", "--port=3000", ""},
		{"30.0.0", "--enable-source-maps", ""},
	} {
		var got OptionFaultKind
		for _, f := range (Target{Node: x.node}).RefusedOptions(strings.Fields(x.args), false) {
			got = f.Kind
		}
		if got != x.want {
			t.Errorf("Node %s, %s: %q, want %q", x.node, x.args, got, x.want)
		}
	}
	if got := (Target{Node: "26.10.0"}).RefusedOptions([]string{"--max-old-space-size=1", "--optimize-for-size"}, true); len(got) != 1 || got[0].Kind != NotInEnv {
		t.Errorf("NODE_OPTIONS: %v", got)
	}
}

// TestRefusedOptionsAgree starts Node with options of each kind: it ends with 9, or takes
// the argument for a script, exactly where the table says so.
func TestRefusedOptionsAgree(t *testing.T) {
	node := os.Getenv("PM2DRILL_NODE")
	if node == "" {
		var err error
		if node, err = exec.LookPath("node"); err != nil {
			t.Skip("there is no node: oracles.sh brings some")
		}
	}
	version, err := exec.Command(node, "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	target := Target{Node: strings.TrimPrefix(strings.TrimSpace(string(version)), "v")}
	script := filepath.Join(t.TempDir(), "script.js")
	if err := os.WriteFile(script, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{
		"--harmony", "--harmony_shipping", "--harmony_proxies", "--nouse-idle-notification", "--max_semi_space_size=16", "--max-old-space-size=100", "--max-old-space-size 100",
		"--stack-size 900", "--debug", "--expose-gc", "--expose_gc", "--always-compact", "--max-new-space-size=1", "--experimental-modules", "--experimental-strip-types",
		"--experimental-transform-types", "--experimental-default-type=module", "--experimental-network-imports", "--experimental-specifier-resolution=node",
		"--max-http-header-size 9000", "--title shop", "--color", "--port=1", "--optimize-for-size", "--no-deprecation", "--trace-warnings", "–harmony", "--unhandled-rejections=warn",
	} {
		for _, inEnv := range []bool{false, true} {
			cmd := exec.Command(node, append(strings.Fields(args), script)...)
			if inEnv {
				if strings.HasPrefix(args, "–") {
					continue // Node says of it that it is not allowed
				}
				cmd = exec.Command(node, script)
				cmd.Env = append(os.Environ(), "NODE_OPTIONS="+args)
			}
			out, err := cmd.CombinedOutput()
			if refused := len(target.RefusedOptions(strings.Fields(args), inEnv)) > 0; refused != (err != nil) {
				t.Errorf("Node %s, %s (NODE_OPTIONS: %v): refused %v, and it ends with %v: %.200s", target.Node, args, inEnv, refused, err, out)
			}
		}
	}
}
