package sandbox_test

import (
	_ "embed"
	"os"
	"path/filepath"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/form"
)

//go:embed testdata/everyday.txtar
var everydayTxtar []byte

//go:embed testdata/packages.txtar
var packagesTxtar []byte

// TestDaemonsNodeAgreesOnEverydayForms holds the forms that configurations use to Node:
// none of them may be unsupported. A value that nobody knows beforehand is left out of
// the comparison, and is named in the form's folder: undecided-... .
func TestDaemonsNodeAgreesOnEverydayForms(t *testing.T) {
	o := newOracle(t)
	all := laidOut(t, everydayTxtar)
	if len(all) < 80 {
		t.Errorf("%d forms, want 80 or more", len(all))
	}
	form.Each(all, func(f form.Form) { o.demand(t, f) })
	t.Logf("%d everyday forms on Node %s", len(all), o.version)
}

// TestDaemonsNodeAgreesOnPackages does it with packages of others. They are not in this
// repository: PM2DRILL_PACKAGES is a node_modules that has them.
func TestDaemonsNodeAgreesOnPackages(t *testing.T) {
	packages := os.Getenv("PM2DRILL_PACKAGES")
	if packages == "" {
		t.Skip("needs PM2DRILL_PACKAGES, a node_modules with dotenv of several versions, lodash and js-yaml")
	}
	o := newOracle(t)
	for _, f := range laidOut(t, packagesTxtar) {
		if err := os.Symlink(packages, filepath.Join(f.Dir, "node_modules")); err != nil {
			t.Fatal(err)
		}
		o.demand(t, f)
	}
}

// demand holds a form to Node, and that it is evaluated.
func (o oracle) demand(t *testing.T, f form.Form) {
	t.Helper()
	got := o.evaluate(t, f)
	if got.Unsupported != "" {
		t.Errorf("%s: unsupported: %s", f.Name, got.Unsupported)
		return
	}
	if wrong, _ := o.verdict(t, f); wrong != "" {
		t.Errorf("%s: %s", f.Name, wrong)
	}
	if undecided := len(got.Others) > 0; undecided != (f.Name[:min(len(f.Name), 10)] == "undecided-") {
		t.Errorf("%s: undecided is %v: %q", f.Name, undecided, got.Open)
	}
}

// decided reports whether a value is the real one where all of the others say the same.
func decided(got ecosystem.Value, others []ecosystem.Value, real ecosystem.Value) bool {
	same := true
	for _, v := range others {
		same = same && form.Canonical(v) == form.Canonical(got)
	}
	if same {
		return form.Canonical(got) == form.Canonical(real)
	}
	part := func(of func(ecosystem.Value) ecosystem.Value) bool {
		var more []ecosystem.Value
		for _, v := range others {
			more = append(more, of(v))
		}
		return decided(of(got), more, of(real))
	}
	for _, v := range others {
		if v.Kind != got.Kind || len(v.Items) != len(got.Items) {
			return true // all of it is undecided
		}
	}
	if got.Is(ecosystem.Array) && real.Is(ecosystem.Array) && len(real.Items) == len(got.Items) {
		for i := range got.Items {
			if !part(func(v ecosystem.Value) ecosystem.Value { return v.Items[i] }) {
				return false
			}
		}
		return true
	}
	for _, field := range got.Fields {
		if !part(func(v ecosystem.Value) ecosystem.Value { return v.Get(field.Key) }) {
			return false
		}
	}
	return true
}
