package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/pm2drill/pm2drill/harness/capture"
	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/remedy"
	"github.com/pm2drill/pm2drill/scenarios"
)

// reproduceFrom says what a capture shows, and brings it about.
func reproduceFrom(ctx context.Context, c call, f runFlags, file, app string, plain bool) int {
	b, err := capture.Open(file)
	if err != nil {
		return complain(c, "reproduce", "%v", err)
	}
	found, err := b.Diagnose()
	if err != nil {
		return complain(c, "reproduce", "%s: %v", file, err)
	}
	tellCapture(c.stdout, b, found)
	if len(found) == 0 {
		fmt.Fprintln(c.stdout, "the rules find nothing wrong in it: there is nothing to bring about")
		return exitInconclusive
	}
	sc, ok := scenarios.OfCause(string(found[0].Cause))
	if !ok {
		fmt.Fprintf(c.stdout, "no scenario of the catalogue is about %s\n", found[0].Cause)
		return exitInconclusive
	}
	fmt.Fprintf(c.stdout, "\nscenario  %s: it is about %s\n", sc.Name, found[0].Cause)
	for _, line := range strings.Split(sc.Story, "\n") {
		fmt.Fprintf(c.stdout, "          %s\n", line)
	}
	if plain {
		return exitKept
	}
	f.names, f.node, f.pm2 = []string{sc.Name}, b.Manifest.Node, b.Manifest.PM2
	likeCaptured(&sc, b)
	if app != "" {
		return ownApp(ctx, c, f, sc, b, app)
	}
	return holdScenario(ctx, c, f, nil, sc, armOf(sc, false))
}

// tellCapture says what was taken down and what it shows.
func tellCapture(w io.Writer, b capture.Bundle, found []remedy.Finding) {
	m := b.Manifest
	fmt.Fprintf(w, "captured  %s, %d workers, PM2 %s, Node %s, %d cores, %s\n", m.App, len(b.Processes), m.PM2, m.Node, m.Cores, m.Taken.Format("2006-01-02 15:04:05 MST"))
	for _, x := range found {
		fmt.Fprintf(w, "diagnosis %s %s\n", x.Cause, x.Subject)
		for _, e := range x.Evidence {
			fmt.Fprintf(w, "            %s: %s\n", e.Source, e.Text)
		}
		for _, r := range x.RuledOut {
			fmt.Fprintf(w, "            not %s: %s\n", r.Cause, r.Fact)
		}
	}
}

// likeCaptured gives the scenario's app the workers and the timeouts of the captured one.
func likeCaptured(sc *scenarios.Scenario, b capture.Bundle) {
	if len(b.Processes) == 0 {
		return
	}
	p := b.Processes[0]
	settings := map[string]any{}
	for _, x := range []struct {
		key string
		ms  int64
	}{{"kill_timeout", p.KillTimeout.Milliseconds()}, {"listen_timeout", p.ListenTimeout.Milliseconds()}} {
		if x.ms > 0 {
			settings[x.key] = x.ms
		}
	}
	if p.Mode == "cluster" {
		settings["instances"] = len(b.Processes)
		sc.App.Workers = len(b.Processes)
	}
	sc.App.Settings = settings
}

// ownApp shows the captured app itself. What fails it is its own: nothing is done to it.
func ownApp(ctx context.Context, c call, f runFlags, sc scenarios.Scenario, b capture.Bundle, dir string) int {
	configs, err := configsIn(dir)
	if err != nil {
		return complain(c, "reproduce", "%v", err)
	}
	u, err := url.Parse(b.Manifest.URL)
	if err != nil {
		return complain(c, "reproduce", "the capture's health URL: %v", err)
	}
	port, err := remedy.PortOf(b.Manifest.URL)
	if err != nil {
		return complain(c, "reproduce", "the capture's health URL: %v", err)
	}
	sc.App.Own = &cluster.Own{Dir: dir, File: filepath.Base(configs[0])}
	sc.App.Name, sc.App.Port, sc.App.Server, sc.App.Settings = b.Manifest.App, port, "", nil
	sc.Fault, sc.Load, sc.Name = nil, scenarios.OwnLoad(u.RequestURI(), "", 50), b.Manifest.App
	return holdScenario(ctx, c, f, map[string]string{}, sc, evidence.ArmHealthy)
}
