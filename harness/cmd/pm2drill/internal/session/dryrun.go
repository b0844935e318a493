package session

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

// PlannedDrill is one drill as --dry-run --json prints it.
type PlannedDrill struct {
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

// PrintPlan prints what would be drilled, and drills nothing.
func (s *Session) PrintPlan(c cli.Call, jobs []Job) int {
	if len(jobs) == 0 {
		return c.Complain("none of the scenarios has an arm of %s", strings.Join(s.Flags.Arms, ","))
	}
	s.Flags.Node, s.Flags.PM2 = cmp.Or(s.Flags.Node, cluster.DefaultNode), cmp.Or(s.Flags.PM2, cluster.DefaultPM2)
	s.Bench.Command = s.formatArmCommand
	out := make([]PlannedDrill, len(jobs))
	for i, j := range jobs {
		out[i] = s.newPlannedDrill(j)
	}
	show := func() error { return writePlans(c.Stdout, out) }
	if s.Flags.AsJSON {
		enc := json.NewEncoder(c.Stdout)
		enc.SetIndent("", "  ")
		show = func() error { return enc.Encode(out) }
	}
	if err := show(); err != nil {
		return c.Fail(err)
	}
	return cli.ExitKept
}

func (s *Session) newPlannedDrill(j Job) PlannedDrill {
	d, promises, breaks := j.Scenario.Arm(j.Arm, j.Engine)
	p := PlannedDrill{
		Scenario: j.Scenario.Name, Arm: j.Arm, Seed: j.Seed, Engine: d.Engine.Name, App: describeApp(d.App), Load: describeLanes(d.Load),
		Least: j.Scenario.Least(j.Arm).Seconds(), Command: s.formatJobCommand(j),
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

// describeApp says what runs.
func describeApp(a drill.App) string {
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

// describeLanes says what is sent.
func describeLanes(lanes []load.Lane) []string {
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

func writePlans(w io.Writer, all []PlannedDrill) error {
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
