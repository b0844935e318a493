package validate

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/lint"
)

// TargetFlags describe the host that a configuration is for.
type TargetFlags struct {
	CPUs                   int
	memory, Node, PM2, Env string
	OSEnv, cwd, route      string
}

// Declare adds the flags that describe the host.
func (t *TargetFlags) Declare(flags *pflag.FlagSet) {
	flags.IntVar(&t.CPUs, "cpus", 4, "`CORES` of the host")
	flags.StringVar(&t.memory, "memory", "", "memory of the host as a `SIZE` such as 512M or 2G (default: not known)")
	flags.StringVar(&t.Node, "node", cmp.Or(cli.NodeVersion(os.Getenv), cluster.DefaultNode), "`VERSION` of Node on the host")
	flags.StringVar(&t.PM2, "pm2", cmp.Or(os.Getenv("PM2"), cluster.DefaultPM2), "`VERSION` of PM2 on the host")
	flags.StringVar(&t.Env, "env", "", "`NAME` of the environment that pm2 is called with, as in pm2 start --env production")
	flags.StringVar(&t.OSEnv, "os-env", "", "`FILE` of NAME=value lines: the environment variables that pm2 is called with (default: HOME, PATH and PWD alone)")
	flags.StringVar(&t.route, "target", "", "`WAY` in which PM2 is started: daemon (pm2 start), runtime (pm2-runtime, --no-daemon) or systemd (pm2 startup) (default daemon, or runtime if a Dockerfile beside FILE calls it)")
	flags.StringVar(&t.cwd, "cwd", "", "`DIRECTORY` in which pm2 is called (default: this one, or the project of a FILE that is elsewhere)")
}

// TargetCompletions returns the values of those flags.
func TargetCompletions() cli.Completions {
	var routes []string
	for _, r := range ecosystem.Routes() {
		routes = append(routes, string(r))
	}
	return cli.Completions{"target": cli.OneOf(routes...), "cwd": cli.CompleteFolders}
}

var memorySize = regexp.MustCompile(`^(\d+)([KMG]?)$`)

// Resolve returns the host that the flags describe.
func (t TargetFlags) Resolve() (ecosystem.Target, error) {
	out := ecosystem.Target{CPUs: t.CPUs, Node: padVersion(t.Node), PM2: padVersion(t.PM2), Env: t.Env, OS: map[string]string{"HOME": "/root", "PATH": "/usr/local/bin:/usr/bin:/bin"}}
	for _, v := range []struct{ flag, version string }{{"--node", t.Node}, {"--pm2", t.PM2}} {
		if wrong := cli.RefuseVersion(v.flag, v.version); wrong != "" {
			return out, errors.New(wrong)
		}
	}
	if out.Route = ecosystem.Route(t.route); t.route != "" && !slices.Contains(ecosystem.Routes(), out.Route) {
		return out, fmt.Errorf("--target %q is no way to start PM2: use daemon, runtime or systemd", t.route)
	}
	if t.CPUs < 1 {
		return out, fmt.Errorf("--cpus %d: a host has one or more", t.CPUs)
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
	return out, ReadEnv(t.OSEnv, out.OS)
}

// resolveName returns the file with the path that the target's pm2 would see: where --cwd
// is a directory of this machine, a relative path stays relative to this process's.
func (t TargetFlags) resolveName(f input) input {
	if info, err := os.Stat(t.cwd); t.cwd == "" || err != nil || !info.IsDir() {
		return f
	}
	if abs, err := filepath.Abs(f.path); err == nil {
		f.path = abs
	}
	return f
}

// resolveTarget returns the target of one file: without --cwd, pm2 is taken to be called
// in this directory for a file below it, and in the file's project for one elsewhere.
func (t TargetFlags) resolveTarget(target ecosystem.Target, name string) ecosystem.Target {
	file, err := filepath.Abs(name)
	if rel, outside := filepath.Rel(target.Cwd, file); t.cwd != "" || err != nil || outside != nil || !strings.HasPrefix(rel, "..") {
		return target
	}
	if real, err := filepath.EvalSymlinks(filepath.Dir(file)); err == nil {
		target.Cwd = cmp.Or(ecosystem.Project(real, lint.Host{}.Exists), real)
	}
	return target
}

// padVersion returns a version with all its three numbers.
func padVersion(version string) string {
	for strings.Count(version, ".") < 2 {
		version += ".0"
	}
	return version
}

// ReadEnv reads a file of NAME=value lines.
func ReadEnv(name string, into map[string]string) error {
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
