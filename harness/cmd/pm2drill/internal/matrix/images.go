package matrix

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
)

// builder builds the images of versions from a clone of pm2drill, whose images/ says how.
type builder struct {
	clone string    // folder
	locks string    // folder of lock files that were made on the spot
	log   io.Writer // what the builder says
}

// locate returns a builder for the clone that the folder dir is in.
func locate(dir, locks string, log io.Writer) (builder, error) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return builder{}, fmt.Errorf("cannot find the clone of pm2drill: %w", err)
	}
	for {
		if info, err := os.Stat(filepath.Join(at, "images", "build.sh")); err == nil && info.Mode().IsRegular() {
			return builder{clone: at, locks: locks, log: log}, nil
		}
		if filepath.Dir(at) == at {
			return builder{}, cli.UsageError("matrix builds images, and there is no images/build.sh here: run it in a clone of pm2drill")
		}
		at = filepath.Dir(at)
	}
}

// lock returns the folder with the lock file of a version of PM2, and the SHA-256 of that file.
// One that images/pm2 does not have is made from the npm registry, once.
func (b builder) lock(ctx context.Context, pm2 string) (dir, sum string, err error) {
	dir = filepath.Join(b.clone, "images", "pm2", pm2)
	if _, err := os.Stat(dir); err != nil {
		dir = filepath.Join(b.locks, pm2)
		if err := b.makeLock(ctx, dir, pm2); err != nil {
			return "", "", err
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return "", "", fmt.Errorf("cannot read the lock file of PM2 %s: %w", pm2, err)
	}
	hash := sha256.Sum256(raw)
	return dir, hex.EncodeToString(hash[:]), nil
}

// makeLock makes a lock file in dir, unless there is one.
func (b builder) makeLock(ctx context.Context, dir, pm2 string) error {
	if _, err := os.Stat(filepath.Join(dir, "package-lock.json")); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot make a lock file for PM2 %s: %w", pm2, err)
	}
	manifest, err := json.MarshalIndent(map[string]any{"name": "process-manager", "private": true, "dependencies": map[string]string{"pm2": pm2}}, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "package.json"), append(manifest, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("cannot make a lock file for PM2 %s: %w", pm2, err)
	}
	var said bytes.Buffer
	npm := exec.CommandContext(ctx, "npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
	npm.Dir, npm.Stdout, npm.Stderr = dir, &said, &said
	if err := npm.Run(); err != nil {
		return errors.Join(fmt.Errorf("cannot make a lock file for PM2 %s: npm: %w: %s", pm2, err, strings.TrimSpace(said.String())), os.RemoveAll(dir))
	}
	return nil
}

// build builds the image of these versions, if its inputs have changed. images/build.sh finds
// the lock file in a copy of the folders that it reads: the clone is left as it is.
func (b builder) build(ctx context.Context, node, pm2, lock string) error {
	root, err := os.MkdirTemp("", "image-inputs.")
	if err != nil {
		return fmt.Errorf("cannot prepare the image: %w", err)
	}
	defer os.RemoveAll(root)
	err = errors.Join(
		os.CopyFS(filepath.Join(root, "images"), os.DirFS(filepath.Join(b.clone, "images"))),
		copyFiles(filepath.Join(b.clone, "fixtures", "node-apps"), filepath.Join(root, "fixtures", "node-apps"), "package.json", "package-lock.json"),
	)
	if to := filepath.Join(root, "images", "pm2", pm2); err == nil {
		if _, missing := os.Stat(to); missing != nil {
			err = copyFiles(lock, to, "package.json", "package-lock.json")
		}
	}
	if err != nil {
		return fmt.Errorf("cannot prepare the image of Node %s with PM2 %s: %w", node, pm2, err)
	}
	cmd := exec.CommandContext(ctx, "bash", filepath.Join(root, "images", "build.sh"))
	cmd.Env = append(os.Environ(), "NODE="+node, "PM2="+pm2)
	cmd.Stdout, cmd.Stderr = b.log, b.log
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("cannot build the image of Node %s with PM2 %s: %w", node, pm2, err)
	}
	return nil
}

// copyFiles copies files of one folder to another one.
func copyFiles(from, to string, names ...string) error {
	err := os.MkdirAll(to, 0o755)
	for _, name := range names {
		raw, failed := os.ReadFile(filepath.Join(from, name))
		if failed == nil {
			failed = os.WriteFile(filepath.Join(to, name), raw, 0o644)
		}
		err = errors.Join(err, failed)
	}
	return err
}
