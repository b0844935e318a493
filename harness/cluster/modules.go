package cluster

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// InstallModules has npm install what the lock file of the folder asks for, apart from
// the folder, and returns it as an archive: a file that has no name any more. It runs on
// this host, since a container may have no way to a registry, and it runs no script of
// any module: one that has to be compiled is to be brought along, or in an image.
func (i *Intent) InstallModules(ctx context.Context, dir string) (modules *os.File, err error) {
	work, err := os.MkdirTemp(findFolder(i.owner), "modules-*")
	if err != nil {
		return nil, fmt.Errorf("cannot install the app's modules: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	for _, name := range []string{"package.json", "package-lock.json", ".npmrc"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) && name == ".npmrc" {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(work, name), text, 0o600)
		}
		if err != nil {
			return nil, fmt.Errorf("cannot install the app's modules: npm ci goes by package.json and package-lock.json: %w", err)
		}
	}
	npm := i.newCommand(ctx, "npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = work
	if out, err := npm.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("cannot install the app's modules by npm ci: %w: %s", err, strings.TrimSpace(string(out)))
	}
	if modules, err = os.CreateTemp(findFolder(i.owner), "modules-*.tar"); err != nil {
		return nil, fmt.Errorf("cannot keep the app's modules: %w", err)
	}
	t := tar.NewWriter(modules)
	own := Own{Dir: filepath.Join(work, "node_modules")}
	err = errors.Join(own.addTree(t, "node_modules"), t.Close(), os.Remove(modules.Name()))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot keep the app's modules: %w", err), modules.Close())
	}
	return modules, nil
}

// readFromStart returns a reader of the archive from its beginning, whoever else reads
// it.
func readFromStart(archive *os.File) (io.Reader, error) {
	info, err := archive.Stat()
	if err != nil {
		return nil, fmt.Errorf("cannot read the app's modules: %w", err)
	}
	return io.NewSectionReader(archive, 0, info.Size()), nil
}
