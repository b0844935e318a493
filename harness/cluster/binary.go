package cluster

import (
	"context"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

// command is the package path of the pm2drill command.
const command = "github.com/pm2drill/pm2drill/harness/cmd/pm2drill"

// binaryHere returns the path of a pm2drill for this host: this very executable, or where
// that is another, as a suite's is, one that is built. A build that is killed leaves its
// files to the next run's sweep, for the reaper cannot be started before.
func (i *Intent) binaryHere(ctx context.Context) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("cannot find this executable: %w", err)
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Path == command {
		return self, nil
	}
	if err := declare(i.owner, i.engines...); err != nil {
		return "", err
	}
	return i.build(ctx, runtime.GOARCH)
}

// findBinaryThere returns the path of a static Linux pm2drill for the engine's
// architecture: this host's if it is one, else one that is built from the checkout this
// runs in.
func (d *Docker) findBinaryThere(ctx context.Context, i *Intent, here string) (string, error) {
	h, err := d.Host(ctx)
	if err != nil {
		return "", err
	}
	if runtime.GOARCH == h.Arch && isStatic(here) {
		return here, nil
	}
	return i.build(ctx, h.Arch)
}

// isStatic reports whether an executable needs no dynamic linker.
func isStatic(file string) bool {
	f, err := elf.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return false
		}
	}
	return true
}

// build compiles the command into the checkout's cache. The Go tool decides
// whether there is anything to do.
func (i *Intent) build(ctx context.Context, arch string) (string, error) {
	mod, err := i.newCommand(ctx, "go", "env", "GOMOD").Output()
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(mod)), "go.mod") {
		return "", fmt.Errorf("cannot build pm2drill for linux/%s: run this in its checkout, with Go installed", arch)
	}
	out := filepath.Join(filepath.Dir(strings.TrimSpace(string(mod))), ".cache", "pm2drill-linux-"+arch)
	cmd := i.newCommand(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, command)
	cmd.Env = append(cmd.Env, "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build pm2drill for linux/%s: %w: %s", arch, err, text)
	}
	return out, nil
}
