package main

import (
	"os"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
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
	if !unattended(cli.Call{Stdin: null}) || !unattended(cli.Call{Stdin: strings.NewReader("q")}) {
		t.Error("somebody is taken to type where nobody can")
	}
	if unattended(cli.Call{Stdin: r}) {
		t.Error("nobody is taken to write to a pipe")
	}
	t.Setenv("CI", "true")
	if !unattended(cli.Call{Stdin: r}) {
		t.Error("a CI job may hang")
	}
}
