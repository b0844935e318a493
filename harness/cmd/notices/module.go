package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// module is a Go module of which at least one package is linked.
type module struct {
	Path, Version, Dir string
	packages           []string // directories of its linked packages
	files              []file
}

// file is a licence, or a notice that has to go with it.
type file struct {
	name string // relative to the module's directory
	kind string // SPDX identifiers of the licences in it, "NOTICE" or "PATENTS"
	text string
}

// listLinked returns the modules of the packages that program is linked from, by
// path. The build is the one that the Makefile makes: Linux, no cgo.
func listLinked(program string) ([]module, error) {
	cmd := exec.Command("go", "list", "-deps", "-json=Dir,Module", program)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return nil, fmt.Errorf("cannot list what %s is linked from: %w", program, err)
	}
	byPath := map[string]module{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			Dir    string
			Module *struct {
				Path, Version, Dir string
				Main               bool
			}
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return nil, fmt.Errorf("cannot read the list of packages: %w", err)
		}
		if p.Module == nil || p.Module.Main { // a package of Go itself, or of pm2drill
			continue
		}
		m := byPath[p.Module.Path]
		m.Path, m.Version, m.Dir = p.Module.Path, p.Module.Version, p.Module.Dir
		m.packages = append(m.packages, p.Dir)
		byPath[m.Path] = m
	}
	var modules []module
	for _, m := range byPath {
		modules = append(modules, m)
	}
	slices.SortFunc(modules, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return modules, nil
}

// licenceName matches the usual names of licence and notice files.
var licenceName = regexp.MustCompile(`(?i)^(licen[sc]e|copying|notice|patents)([._-].*)?$`)

// readLicences reads the licence files of the module's root and of every directory
// between the root and a linked package: parts that come from elsewhere have their
// own licence beside them.
func (m *module) readLicences(known classifier) error {
	dirs := map[string]bool{m.Dir: true}
	for _, dir := range m.packages {
		for ; len(dir) > len(m.Dir); dir = filepath.Dir(dir) {
			dirs[dir] = true
		}
	}
	for dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return fmt.Errorf("cannot read the licences of %s: %w", m.Path, err)
		}
		for _, e := range entries {
			ext := filepath.Ext(e.Name())
			if e.IsDir() || !licenceName.MatchString(e.Name()) || ext == ".go" || ext == ".docs" { // documents are not linked
				continue
			}
			if err := m.readFile(known, filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(m.files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	if !slices.ContainsFunc(m.files, func(f file) bool { return f.kind != notice && f.kind != patents }) {
		return fmt.Errorf("cannot find a licence file of %s %s in %s", m.Path, m.Version, m.Dir)
	}
	return nil
}

func (m *module) readFile(known classifier, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("cannot read a licence of %s: %w", m.Path, err)
	}
	name, err := filepath.Rel(m.Dir, path)
	if err != nil {
		return fmt.Errorf("cannot name a licence of %s: %w", m.Path, err)
	}
	kind, err := known.identify(m.Path+"/"+name, string(text))
	if err != nil {
		return fmt.Errorf("cannot accept the licence of %s %s: %w", m.Path, m.Version, err)
	}
	m.files = append(m.files, file{name: name, kind: kind, text: strings.ReplaceAll(string(text), "\r\n", "\n")})
	return nil
}
