package cli

import (
	"os"
	"strings"
	"testing"
)

func TestUnattended(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	t.Setenv("CI", "")
	if !IsUnattended(Call{Stdin: null}) || !IsUnattended(Call{Stdin: strings.NewReader("q")}) {
		t.Error("somebody is taken to type where nobody can")
	}
	if IsUnattended(Call{Stdin: r}) {
		t.Error("nobody is taken to write to a pipe")
	}
	t.Setenv("CI", "true")
	if !IsUnattended(Call{Stdin: r}) {
		t.Error("a CI job may hang")
	}
}
