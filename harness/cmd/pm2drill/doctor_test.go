package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
)

func TestDoctorTellsOfLeftovers(t *testing.T) {
	for name, c := range map[string]struct {
		l    cluster.Leftovers
		ok   bool
		says []string
	}{
		"nothing":   {cluster.Leftovers{}, true, []string{"of dead runs: nothing; of runs under way: nothing"}},
		"under way": {cluster.Leftovers{Alive: map[string]int{"container": 2, "folder": 1}}, true, []string{"of runs under way: container 2, folder 1"}},
		"dead":      {cluster.Leftovers{Dead: map[string]int{"process": 1}}, false, []string{"of dead runs: process 1", "pm2drill clean"}},
		"elsewhere": {cluster.Leftovers{Elsewhere: []string{"tcp://far:2375"}}, false, []string{"at tcp://far:2375", "DOCKER_HOST=tcp://far:2375 pm2drill clean"}},
	} {
		s := checkLeftovers(c.l)
		if s.OK != c.ok {
			t.Errorf("%s: it is %v that all is well", name, s.OK)
		}
		for _, says := range c.says {
			if !strings.Contains(s.Found+" "+s.Remedy, says) {
				t.Errorf("%s: %q %q do not say %q", name, s.Found, s.Remedy, says)
			}
		}
	}
}

func TestDoctorNamesUnfinishedRuns(t *testing.T) {
	dir := t.TempDir()
	if s := checkUnfinished(dir); !s.OK || !strings.Contains(s.Found, "every run") {
		t.Errorf("an empty folder: %+v", s)
	}
	killed, whole := filepath.Join(dir, "killed"), filepath.Join(dir, "whole")
	for _, run := range []string{killed, whole} {
		if err := folder.Begin(run, report.Report{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := folder.Write(whole, report.DigestOf(report.Report{})); err != nil {
		t.Fatal(err)
	}
	if s := checkUnfinished(dir); !s.OK || !strings.Contains(s.Found, killed) || strings.Contains(s.Found, whole) {
		t.Errorf("one killed run: %+v", s)
	}
}

// TestDoctorWithoutDocker: one short line says what is missing where, and one what to do.
func TestDoctorWithoutDocker(t *testing.T) {
	socket := "unix://" + filepath.Join(t.TempDir(), "docker.sock")
	code, stdout, stderr := pm2drill(t, []string{"DOCKER_HOST=" + socket}, "doctor")
	_, about, found := strings.Cut(stdout, " docker ")
	if code != 1 || stderr != "" || !found || strings.Count(stdout, socket) != 1 {
		t.Fatalf("exit code %d, stderr %q, stdout %s", code, stderr, stdout)
	}
	for _, want := range []string{"no Docker engine answers at " + socket, "docker.io", "DOCKER_HOST"} {
		if !strings.Contains(about, want) {
			t.Errorf("does not say %q: %s", want, about)
		}
	}
	for line := range strings.Lines(about) {
		if len(line) > len(socket)+100 {
			t.Errorf("%d characters: %s", len(line), line)
		}
	}
	denied := diagnoseDocker(fmt.Errorf("%w (permission denied while trying to connect)", cluster.ErrUnreachable), "")
	if !strings.Contains(denied.Found, "unix:///var/run/docker.sock") || !strings.Contains(denied.Remedy, "group docker") {
		t.Errorf("a socket of others: %+v", denied)
	}
	if s := diagnoseDocker(errors.New("cannot set up the client"), ""); s.OK || s.Found != "cannot set up the client" {
		t.Errorf("another error: %+v", s)
	}
}
