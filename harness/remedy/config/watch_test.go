package config

import (
	"os"
	"path/filepath"
	"testing"
)

// TestWatch: a change is seen once, a rename is no absence, and an absence is seen once.
func TestWatch(t *testing.T) {
	name := filepath.Join(t.TempDir(), "engine.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(name+"~", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(name+"~", name); err != nil {
			t.Fatal(err)
		}
	}
	remove := func() {
		t.Helper()
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	write("a")
	w := NewWatch(name)
	expect := func(when string, want bool) {
		t.Helper()
		if got := w.Changed(); got != want {
			t.Errorf("%s: changed %v", when, got)
		}
	}
	expect("at first", false)
	write("bb")
	expect("changed", true)
	expect("changed before", false)
	remove()
	expect("gone at one look", false)
	write("ccc")
	expect("put in its place", true)
	remove()
	expect("gone at one look", false)
	expect("gone at two looks", true)
	expect("gone for long", false)
	write("ccc")
	expect("there again", true)
	expect("there", false)
}
