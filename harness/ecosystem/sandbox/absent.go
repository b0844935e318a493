package sandbox

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// absent is what stands for a package that package.json wants and that is not installed,
// or for a file that the repository leaves to each host: an object of which nobody knows
// what it has.
func (m *machine) absent(pkg string) goja.Value {
	switch {
	case strings.HasPrefix(pkg, "."), filepath.IsAbs(pkg):
		m.open("the file " + pkg + " is not here: .gitignore has it, and each host its own")
	default:
		if !slices.Contains(m.out.Absent, pkg) {
			m.out.Absent = append(m.out.Absent, pkg)
		}
		m.open("the package " + pkg + " is in package.json and not installed here (npm ci)")
	}
	make := m.node.Get("absent")
	return m.must(m.call(make, m.vm.ToValue(pkg)))
}

// standIn notes an object that stands for an unknown value.
func (m *machine) standIn(o *goja.Object) { m.standIns = append(m.standIns, o) }

// guessed is the world's value in the place of such an object.
func (m *machine) guessed() ecosystem.Value {
	switch {
	case m.world.Hollow && m.world.Unset:
		return ecosystem.Value{Kind: ecosystem.Undefined}
	case m.world.Hollow:
		return ecosystem.Value{Kind: ecosystem.Number, Num: 2}
	}
	return ecosystem.Value{Kind: ecosystem.String, Text: m.world.Text}
}

// unversioned reports whether the repository leaves a module that is not here to each host.
func unversioned(file string) bool {
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
