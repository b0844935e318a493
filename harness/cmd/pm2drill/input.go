package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// input is a file to look at.
type input struct {
	path   string
	source []byte
}

// largestConfig is how large a configuration may be.
const largestConfig = 4 << 20

func (v *validation) files(c call, names []string) ([]input, error) {
	if v.stdin {
		source, err := io.ReadAll(io.LimitReader(c.stdin, largestConfig+1))
		if err != nil {
			return nil, fmt.Errorf("cannot read stdin: %w", err)
		}
		return []input{{v.name, source}}, sizeOf(v.name, len(source))
	}
	var out []input
	for _, name := range names {
		info, err := os.Stat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("there is no file %s", name)
		case err != nil:
			return nil, fmt.Errorf("cannot look at %s: %w", name, err)
		case info.IsDir():
			found, err := configsIn(name)
			if err != nil {
				return nil, err
			}
			for _, f := range found {
				if out, err = readInput(out, f); err != nil {
					return nil, err
				}
			}
		default:
			if out, err = readInput(out, name); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func readInput(all []input, name string) ([]input, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("cannot look at %s: %w", name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	if err := sizeOf(name, int(info.Size())); err != nil {
		return nil, err
	}
	source, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", name, err)
	}
	return append(all, input{name, source}), nil
}

func sizeOf(name string, n int) error {
	if n > largestConfig {
		return fmt.Errorf("%s has more than %d MiB: no configuration has", name, largestConfig>>20)
	}
	return nil
}

// configsIn are the files of a folder that people hand to PM2, by their names.
func configsIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot look into %s: %w", dir, err)
	}
	var out []string
	for _, e := range entries {
		name := strings.ToLower(e.Name())
		stem, _, _ := strings.Cut(name, ".")
		known := strings.HasPrefix(stem, "ecosystem") || strings.HasPrefix(stem, "pm2") || stem == "process" || stem == "processes"
		if known && !e.IsDir() && slices.Contains([]string{".js", ".cjs", ".mjs", ".json", ".yml", ".yaml", ".ts", ".cts", ".mts"}, filepath.Ext(name)) {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there is no ecosystem file in %s: PM2 knows *.config.js, .config.cjs, .config.mjs, .json, .yml and .yaml", dir)
	}
	return out, nil
}
