package sandbox

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// packageJSON is what resolution asks of a package.
type packageJSON struct {
	Main            string            `json:"main"`
	Exports         json.RawMessage   `json:"exports"`
	Dependencies    map[string]string `json:"dependencies"`
	DevDependencies map[string]string `json:"devDependencies"`
	Optional        map[string]string `json:"optionalDependencies"`
	Workspaces      json.RawMessage   `json:"workspaces"`
}

func readManifest(dir string) packageJSON {
	var p packageJSON
	if raw, err := os.ReadFile(filepath.Join(dir, "package.json")); err == nil {
		_ = json.Unmarshal(raw, &p) // one that is no JSON says nothing
	}
	return p
}

// findInPackages looks in every node_modules from the file upward.
func (m *machine) findInPackages(from, name string, byImport bool) (file, absent string) {
	pkg, sub := splitPackageName(name)
	for dir := filepath.Dir(from); ; dir = filepath.Dir(dir) {
		root := filepath.Join(dir, "node_modules", pkg)
		if info, err := os.Stat(root); err == nil && info.IsDir() {
			return m.findInPackage(root, name, sub, byImport), ""
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if m.isDeclared(from, pkg) {
		return "", pkg
	}
	m.throwMissing(name)
	return "", ""
}

// splitPackageName splits "@scope/name/sub/path".
func splitPackageName(name string) (pkg, sub string) {
	parts := strings.SplitN(name, "/", 3)
	n := 1
	if strings.HasPrefix(name, "@") {
		n = 2
	}
	if len(parts) <= n {
		return name, ""
	}
	return strings.Join(parts[:n], "/"), strings.Join(parts[n:], "/")
}

// isDeclared reports whether the nearest package.json wants the package.
func (m *machine) isDeclared(from, pkg string) bool {
	for dir := filepath.Dir(from); ; dir = filepath.Dir(dir) {
		if p := readManifest(dir); p.wants(pkg) || isLocked(dir, pkg) || p.hoists(dir, pkg) {
			return true
		}
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil || dir == filepath.Dir(dir) {
			return false
		}
	}
}

// wants reports whether the package is one of those that are installed for this one.
func (p packageJSON) wants(pkg string) bool {
	for _, all := range []map[string]string{p.Dependencies, p.DevDependencies, p.Optional} {
		if _, ok := all[pkg]; ok {
			return true
		}
	}
	return false
}

// hoists reports whether a workspace of the package wants another one: npm and yarn put it
// into the node_modules of both (docs.npmjs.com/cli/using-npm/workspaces), pnpm does not.
func (p packageJSON) hoists(dir, pkg string) bool {
	var patterns []string
	var named struct {
		Packages []string `json:"packages"`
	}
	if _, err := os.Stat(filepath.Join(dir, "pnpm-lock.yaml")); err == nil || len(p.Workspaces) == 0 {
		return false
	}
	if json.Unmarshal(p.Workspaces, &patterns) != nil && json.Unmarshal(p.Workspaces, &named) == nil {
		patterns = named.Packages
	}
	for _, pattern := range patterns {
		members, err := filepath.Glob(filepath.Join(dir, pattern, "package.json"))
		if err == nil && slices.ContainsFunc(members, func(file string) bool { return readManifest(filepath.Dir(file)).wants(pkg) }) {
			return true
		}
	}
	return false
}

// isLocked reports whether the installation of the project puts the package at the top of
// node_modules for another package's sake, where the configuration finds it too: npm's
// lock file says where each goes, yarn's (version 1) lists what it hoists.
func isLocked(dir, pkg string) bool {
	for file, entry := range map[string]string{"package-lock.json": `"node_modules/` + pkg + `": {`, "yarn.lock": "\n" + pkg + "@"} {
		if text, err := os.ReadFile(filepath.Join(dir, file)); err == nil && strings.Contains(string(text), entry) {
			return true
		}
	}
	return false
}

func (m *machine) findInPackage(root, name, sub string, byImport bool) string {
	p := readManifest(root)
	if len(p.Exports) > 0 && string(p.Exports) != "null" {
		target, ok := resolveExports(p.Exports, sub, byImport)
		if !ok {
			m.endUnsupported("the exports of the package " + name)
			return ""
		}
		return resolveLinks(filepath.Join(root, target))
	}
	file := filepath.Join(root, sub)
	if sub != "" {
		if got, ok := loadAsFile(file); ok {
			return resolveLinks(got)
		}
	}
	if got, ok := loadAsDirectory(file); ok {
		return resolveLinks(got)
	}
	m.throwMissing(name)
	return ""
}

// resolveExports reads "exports", as far as it names files and conditions outright.
func resolveExports(raw json.RawMessage, sub string, byImport bool) (string, bool) {
	var target string
	if json.Unmarshal(raw, &target) == nil {
		return target, sub == ""
	}
	key := "."
	if sub != "" {
		key = "./" + sub
	}
	paths := map[string]json.RawMessage{}
	if json.Unmarshal(raw, &paths) != nil {
		return "", false
	}
	if entry, ok := paths[key]; ok {
		return chooseCondition(entry, byImport)
	}
	for k := range paths {
		if strings.HasPrefix(k, ".") {
			return "", false
		}
	}
	if sub != "" {
		return "", false
	}
	return chooseCondition(raw, byImport)
}

// chooseCondition takes the first of the conditions, in their order, that holds.
func chooseCondition(raw json.RawMessage, byImport bool) (string, bool) {
	var target string
	if json.Unmarshal(raw, &target) == nil {
		return target, true
	}
	holds := []string{"node", "default", "module-sync", "require"}
	if byImport {
		holds[3] = "import"
	}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return "", false
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return "", false
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return "", false
		}
		if name, _ := key.(string); slices.Contains(holds, name) {
			if target, ok := chooseCondition(value, byImport); ok {
				return target, true
			}
		}
	}
	return "", false
}
