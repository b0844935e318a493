package main

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// targetFlags describe the host that a configuration is for.
type targetFlags struct {
	cpus                   int
	memory, node, pm2, env string
	osEnv, cwd             string
}

func (t *targetFlags) add(flags *flag.FlagSet) {
	flags.IntVar(&t.cpus, "cpus", 4, "cores of the target")
	flags.StringVar(&t.memory, "memory", "", "memory of the target, e.g. 2G (default: not known)")
	flags.StringVar(&t.node, "node", cmp.Or(os.Getenv("NODE"), cluster.DefaultNode), "version of the target's Node")
	flags.StringVar(&t.pm2, "pm2", cmp.Or(os.Getenv("PM2"), cluster.DefaultPM2), "version of the target's PM2")
	flags.StringVar(&t.env, "env", "", "environment that pm2 is called with: --env production")
	flags.StringVar(&t.osEnv, "os-env", "", "file of NAME=value lines: the environment that pm2 is called in (default: HOME, PATH and PWD alone are set)")
	flags.StringVar(&t.cwd, "cwd", "", "directory that pm2 is called in (default: this one)")
}

var (
	fullVersion = regexp.MustCompile(`^\d+(\.\d+){0,2}$`)
	memorySize  = regexp.MustCompile(`^(\d+)([KMG]?)$`)
)

// target is the host that the flags describe.
func (t targetFlags) target() (ecosystem.Target, error) {
	out := ecosystem.Target{CPUs: t.cpus, Node: padded(t.node), PM2: padded(t.pm2), Env: t.env, OS: map[string]string{"HOME": "/root", "PATH": "/usr/local/bin:/usr/bin:/bin"}}
	for _, v := range []struct{ flag, version string }{{"--node", t.node}, {"--pm2", t.pm2}} {
		if !fullVersion.MatchString(v.version) {
			return out, fmt.Errorf("%s %q is no version: write it like 22 or 7.0.4", v.flag, v.version)
		}
	}
	if t.cpus < 1 {
		return out, fmt.Errorf("--cpus %d: a host has one or more", t.cpus)
	}
	if t.memory != "" {
		m := memorySize.FindStringSubmatch(t.memory)
		if m == nil {
			return out, fmt.Errorf("--memory %q is no size: write it like 512M or 2G", t.memory)
		}
		n, err := strconv.ParseInt(m[1], 10, 32)
		if err != nil {
			return out, fmt.Errorf("--memory %q: %w", t.memory, err)
		}
		out.Memory = n << map[string]int{"": 0, "K": 10, "M": 20, "G": 30}[m[2]]
	}
	dir, err := filepath.Abs(t.cwd)
	if err != nil {
		return out, fmt.Errorf("--cwd %s: %w", t.cwd, err)
	}
	out.OS["PWD"] = dir
	out.Cwd = dir
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		out.Cwd = real // process.cwd(), by which PM2 resolves paths (lib/Common.js:128), knows no links
	}
	return out, readEnv(t.osEnv, out.OS)
}

// padded is a version with all its three numbers.
func padded(version string) string {
	for strings.Count(version, ".") < 2 {
		version += ".0"
	}
	return version
}

// readEnv reads a file of NAME=value lines.
func readEnv(name string, into map[string]string) error {
	if name == "" {
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("cannot read --os-env: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if !ok {
			return fmt.Errorf("%s:%d: %.40q is no NAME=value", name, n, line)
		}
		into[strings.TrimSpace(key)] = strings.Trim(strings.TrimSpace(value), `"'`)
	}
	return lines.Err()
}
