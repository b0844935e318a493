package rehearse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pm2drill/pm2drill/harness/rehearsal/handler"
)

// applyPatch has git apply a patch to copies of the files, in a folder of its own, and returns
// what it makes of them, by their names. The files themselves stay as they are.
func applyPatch(ctx context.Context, files []handler.File, patch string) (after map[string][]byte, err error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, errors.New("git is not installed here: it applies the patches")
	}
	dir, err := os.MkdirTemp("", "pm2drill-advice-")
	if err != nil {
		return nil, fmt.Errorf("cannot copy the files: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for _, f := range files {
		if f.Before == nil {
			continue
		}
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, f.Before, 0o600)); err != nil {
			return nil, fmt.Errorf("cannot copy the files: %w", err)
		}
	}
	cmd := exec.CommandContext(ctx, git, "apply", "-")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(patch)
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("git apply refuses the patch: %s", strings.TrimSpace(string(out)))
	}
	after = map[string][]byte{}
	for _, f := range files {
		if after[f.Name], err = os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Name))); err != nil {
			return nil, fmt.Errorf("cannot read what git has made of %s: %w", f.Name, err)
		}
	}
	return after, nil
}
