package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/load"
)

// plannedDrill is one drill as --dry-run tells it.
type plannedDrill struct {
	Scenario string            `json:"scenario"`
	Arm      string            `json:"arm"`
	Seed     int64             `json:"seed"`
	Engine   string            `json:"engine"`
	App      string            `json:"app"`
	Load     []string          `json:"load"`
	Fault    string            `json:"fault,omitempty"`      // "" where nothing happens
	Lift     string            `json:"lift_after,omitempty"` // from the injection, "" for never
	Promises []plannedSentence `json:"promises"`
	Least    float64           `json:"least_seconds"` // its fixed waits
	Command  string            `json:"command"`
}

type plannedSentence struct {
	Name     string `json:"name"`
	Sentence string `json:"sentence"`
	Breaks   bool   `json:"breaks,omitempty"` // it must break in this arm
}

// plans prints what would be drilled, and drills nothing.
func (s *session) plans(c cli.Call, jobs []job) int {
	if len(jobs) == 0 {
		return c.Complain("none of the scenarios has an arm of %s", strings.Join(s.flags.arms, ","))
	}
	s.flags.node, s.flags.pm2 = cmp.Or(s.flags.node, cluster.DefaultNode), cmp.Or(s.flags.pm2, cluster.DefaultPM2)
	s.bench.Command = s.reproduce
	out := make([]plannedDrill, len(jobs))
	for i, j := range jobs {
		out[i] = s.planOf(j)
	}
	show := func() error { return tellPlans(c.Stdout, out) }
	if s.flags.asJSON {
		enc := json.NewEncoder(c.Stdout)
		enc.SetIndent("", "  ")
		show = func() error { return enc.Encode(out) }
	}
	if err := show(); err != nil {
		return c.Fail(err)
	}
	return cli.ExitKept
}

func (s *session) planOf(j job) plannedDrill {
	d, promises, breaks := j.scenario.Arm(j.arm, j.engine)
	p := plannedDrill{
		Scenario: j.scenario.Name, Arm: j.arm, Seed: j.seed, Engine: d.Engine.Name, App: appOf(d.App), Load: lanesOf(d.Load),
		Least: j.scenario.Least(j.arm).Seconds(), Command: s.commandOf(j),
	}
	if d.Fault != nil {
		p.Fault = fmt.Sprintf("%T%+v", d.Fault, d.Fault)
	}
	if d.Fault != nil && d.LiftAfter > 0 {
		p.Lift = d.LiftAfter.String()
	}
	for _, x := range promises {
		p.Promises = append(p.Promises, plannedSentence{x.Name, x.Sentence, slices.Contains(breaks, x.Name)})
	}
	return p
}

// appOf says what runs.
func appOf(a drill.App) string {
	what := "fixture " + a.Fixture
	if a.Own != nil {
		what = a.Own.File
	}
	parts := []string{fmt.Sprintf("%s: %d workers of %s, health URL %s", a.Name, a.Workers, what, a.URL())}
	if a.Server != "" {
		parts = append(parts, string(a.Server))
	}
	if l := a.Limits; l.Memory > 0 {
		parts = append(parts, fmt.Sprintf("%d MiB of memory", l.Memory>>20))
	}
	if l := a.Limits; l.Cores > 0 {
		parts = append(parts, fmt.Sprintf("%g cores", l.Cores))
	}
	if l := a.Limits; l.OpenFiles > 0 {
		parts = append(parts, fmt.Sprintf("%d open files", l.OpenFiles))
	}
	return strings.Join(parts, ", ")
}

// lanesOf says what is sent.
func lanesOf(lanes []load.Lane) []string {
	out := make([]string, len(lanes))
	for i, l := range lanes {
		path := l.Path
		if l.Work > 0 {
			path = fmt.Sprintf("/work?ms=%d", l.Work.Milliseconds())
		}
		out[i] = fmt.Sprintf("%s: %g/s %s %s", l.Name, l.Rate, cmp.Or(l.Method, "GET"), path)
		if l.Status != 0 {
			out[i] += fmt.Sprintf(" -> %d", l.Status)
		}
	}
	return out
}

func tellPlans(w io.Writer, all []plannedDrill) error {
	var b strings.Builder
	var least time.Duration
	for _, p := range all {
		least += time.Duration(p.Least * float64(time.Second))
		fmt.Fprintf(&b, "%s %s\n", p.Scenario, p.Arm)
		line := func(key, value string) {
			if value != "" {
				fmt.Fprintf(&b, "  %-9s %s\n", key, value)
			}
		}
		line("engine", p.Engine)
		line("app", p.App)
		line("load", strings.Join(p.Load, ", "))
		line("fault", cmp.Or(p.Fault, "none"))
		line("lifted", p.Lift)
		for i, x := range p.Promises {
			key, text := "", x.Name+": "+x.Sentence
			if i == 0 {
				key = "promises"
			}
			if x.Breaks {
				text += " (must break)"
			}
			line(key, text)
		}
		line("reproduce", p.Command)
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%d drills, whose waits alone are %s one after the other. Nothing was started.\n", len(all), least.Round(time.Second))
	_, err := io.WriteString(w, b.String())
	return err
}
