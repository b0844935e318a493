package sandbox

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// newStandIn returns what stands for a package that package.json wants and that is not
// installed, or for a file that the repository leaves to each host: an object whose
// properties are not known.
func (m *machine) newStandIn(pkg string) goja.Value {
	switch {
	case strings.HasPrefix(pkg, "."), filepath.IsAbs(pkg):
		m.noteOpen("the file " + pkg + " is not here: .gitignore has it, and each host its own")
	default:
		if !slices.Contains(m.out.Absent, pkg) {
			m.out.Absent = append(m.out.Absent, pkg)
		}
		m.noteOpen("the package " + pkg + " is in package.json and not installed here (npm ci)")
	}
	make := m.node.Get("absent")
	return m.must(m.call(make, m.vm.ToValue(pkg)))
}

// noteStandIn notes an object that stands for an unknown value.
func (m *machine) noteStandIn(o *goja.Object) { m.standIns = append(m.standIns, o) }

// guessValue returns the world's value in the place of such an object.
func (m *machine) guessValue() ecosystem.Value {
	switch {
	case m.world.Hollow && m.world.Unset:
		return ecosystem.Value{Kind: ecosystem.Undefined}
	case m.world.Hollow:
		return ecosystem.Value{Kind: ecosystem.Number, Num: 2}
	}
	return ecosystem.Value{Kind: ecosystem.String, Text: m.world.Text}
}

// notThere is what Node says of a file that is not there.
var notThere = regexp.MustCompile(`^Error: ENOENT: no such file or directory, (?:open|stat|lstat|access|scandir) '(.+)'$`)

// leftToHost is the file that an error is about which nobody has caught, if each host has its
// own: one of variables, one that .gitignore has, or one in a directory of another host. "" of
// any other error.
func (m *machine) leftToHost(message string) string {
	found := notThere.FindStringSubmatch(message)
	if found == nil {
		return ""
	}
	file := m.makeAbsolute(found[1])
	exists := func(name string) bool {
		_, err := os.Stat(name)
		return err == nil
	}
	root := ecosystem.Project(filepath.Dir(m.findEntry()), exists)
	rel, err := filepath.Rel(root, file)
	elsewhere := err != nil || strings.HasPrefix(rel, "../")
	if elsewhere && !exists(filepath.Dir(file)) || strings.HasPrefix(filepath.Base(file), ".env") || isUnversioned(file) {
		return found[1]
	}
	return ""
}

// isUnversioned reports whether the repository leaves a module that is not here to each
// host.
func isUnversioned(file string) bool {
	read := func(name string) ([]byte, bool) {
		text, err := os.ReadFile(name)
		return text, err == nil
	}
	exists := func(name string) bool {
		_, err := os.Stat(name)
		return err == nil
	}
	return ecosystem.Unversioned(file, []string{".js", ".json", ".cjs"}, read, exists)
}
