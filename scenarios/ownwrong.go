package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// fail is something that cannot be meant, if bad, and what to do about it.
type fail struct {
	bad      bool
	key, say string
}

// wrong names the first thing that a file says and cannot be meant, with its line.
func (o ownFile) wrong(text []byte) error {
	fails := []fail{{o.Story == "", "story", "say what breaks, why, and what helps"}}
	fails = append(fails, o.App.fails()...)
	fails = append(fails, o.Load.fails()...)
	fails = append(fails, o.Fault.fails("fault.")...)
	fails = append(fails, o.Promises.fails("promises", o.App.Workers)...)
	fails = append(fails,
		fail{!promised(o.Promises.list(), o.Breaks), "breaks", "name one of the promises, which breaks when nobody heals"},
		fail{slices.Contains(unbreakable(), o.Breaks), "breaks", o.Breaks + " is always kept where no engine is: name another one"})
	if d := o.Decoy; d != nil {
		fails = append(fails, fail{d.Story == "", "decoy.story", "say what it looks like, and why nothing is to be done"})
		fails = append(fails, d.Fault.fails("decoy.fault.")...)
		fails = append(fails, d.Promises.fails("decoy.promises", o.App.Workers)...)
	}
	for _, f := range fails {
		if f.bad {
			return fmt.Errorf("line %d: %s: %s", lineOf(text, f.key), f.key, f.say)
		}
	}
	return nil
}

func promised(all []promise.Promise, name string) bool {
	return slices.ContainsFunc(all, func(p promise.Promise) bool { return p.Name == name })
}

// unbreakable are the promises that only an engine can break.
func unbreakable() []string {
	return []string{"acts-at-most", "tells-the-truth", "diagnoses-nothing", "spares-requests"}
}

func (a ownApp) fails() []fail {
	return []fail{
		{a.Name == "", "app.name", "say what PM2 calls the app"},
		{a.Workers < 1, "app.workers", "say how many workers PM2 starts, 1 or more"},
		{a.Port < 1 || a.Port > 65535, "app.port", "say on which port the app serves"},
		{a.Health != "" && !strings.HasPrefix(a.Health, "/"), "app.health", "a path begins with /"},
		{!slices.Contains([]string{"", string(cluster.Redis), string(cluster.Postgres)}, a.Server), "app.server", "there are redis and postgres"},
		{a.Limits.Memory != 0 && a.Limits.Memory < leastMemory, "app.limits.memory", "PM2 alone needs more: give 128M or more"},
		{a.Limits.Cores < 0, "app.limits.cores", "give a number above 0, such as 1.5"},
		{a.Limits.OpenFiles != 0 && a.Limits.OpenFiles < leastFiles, "app.limits.open_files", fmt.Sprintf("PM2 alone needs more: give %d or more", leastFiles)},
	}
}

// What PM2's daemon needs to run at all, in bytes and open files.
const (
	leastMemory = 128 << 20
	leastFiles  = 64
)

func (l ownLoad) fails() []fail {
	fails := []fail{
		{!strings.HasPrefix(l.Path, "/"), "load.path", "a path begins with /"},
		{l.asks().Wrong() != "", "load", l.asks().Wrong()},
		{l.LongPath != "" && !strings.HasPrefix(l.LongPath, "/"), "load.long_path", "a path begins with /"},
		{l.Rate < 5 || l.Rate > 1000, "load.rate", "give 5 to 1000 requests per second"},
	}
	taken := []string{evidence.LaneShort, evidence.LaneKeepAlive, evidence.LaneLong, evidence.LaneNoise}
	for i, c := range l.Checks {
		key := fmt.Sprintf("load.checks.%d", i)
		fails = append(fails,
			fail{strings.Trim(c.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || c.Name == "", key + ".name", "give it a name of small letters, digits and hyphens"},
			fail{slices.Contains(taken, c.Name), key + ".name", c.Name + " is the name of another lane: give another one"},
			fail{!strings.HasPrefix(c.Path, "/"), key + ".path", "a path begins with /"},
			fail{c.asks().Wrong() != "", key, c.asks().Wrong()},
			fail{c.Rate != 0 && (c.Rate < leastRate || c.Rate > 1000), key + ".rate", "give 2 to 1000 requests per second"})
		taken = append(taken, c.Name)
	}
	return fails
}

// leastRate is how many requests of a check are sent per second at least: fewer prove
// nothing in the time that a drill takes.
const leastRate = 2

func (f ownFault) fails(at string) []fail {
	asks := []string{engine.RequestRoll, engine.RequestScale}
	return []fail{
		{f.Run == "" && f.Ask == "", at + "run", "say what does the harm, as a line of shell, or with ask what the engine is asked for"},
		{f.Ask != "" && !slices.Contains(asks, f.Ask), at + "ask", "an engine can be asked to " + strings.Join(asks, " or to ")},
		{(f.Ask == engine.RequestScale) != (f.Workers > 0), at + "workers", "say with ask: scale, and only there, how many workers there are to be"},
		{f.Rollback != "" && f.Ask != engine.RequestRoll, at + "rollback", "it goes with ask: roll"},
		{f.After > 0 && f.Undo == "", at + "undo", "say what is done when the time of after has passed"},
		{f.Undo != "" && f.After == 0, at + "after", "say how long after the injection undo is run"},
		{f.Left < 0, at + "left", "say how many workers are left on purpose"},
		{f.Ask == "" && f.Bitten == ownBitten{}, at + "bitten", "say how one sees that it has done harm: exits, silent, says or drops"},
	}
}

func (p ownPromises) fails(at string, workers int) []fail {
	return []fail{
		{len(p.list()) == 0, at, "promise something"},
		{p.Alerts > 0 && p.Diagnoses == "", at + ".diagnoses", "an alert is about a cause: say which"},
		{p.Diagnoses != "" && !engine.Cause(p.Diagnoses).Known(), at + ".diagnoses", fmt.Sprintf("no engine may name the cause %q: there are %s", p.Diagnoses, causes())},
		{p.Diagnoses != "" && p.DiagnosesNothing, at + ".diagnoses-nothing", "it cannot name a cause and none"},
		{p.Mentions != "" && p.Alerts == 0, at + ".mentions", "an alert has the words: promise alerts too"},
		{p.KeepsServing > workers, at + ".keeps-serving", fmt.Sprintf("there are %d workers", workers)},
		{p.ActsAtMost != nil && *p.ActsAtMost < 0, at + ".acts-at-most", "give 0 or more"},
	}
}

// causes are those that an engine may name.
func causes() string {
	var names []string
	for _, c := range engine.Causes() {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ")
}

// emptyValue names the first key whose value says nothing, so that nobody takes for
// asked what is left out: no value, "" or a number below 1. Of acts-at-most 0 is one.
func emptyValue(text []byte) error {
	var doc yaml.Node
	if yaml.Unmarshal(text, &doc) != nil || len(doc.Content) == 0 {
		return nil // the decoder has said so
	}
	return emptyIn(doc.Content[0], "")
}

func emptyIn(n *yaml.Node, key string) error {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == "headers" {
				continue
			}
			if err := emptyIn(n.Content[i+1], strings.TrimPrefix(key+"."+n.Content[i].Value, ".")); err != nil {
				return err
			}
		}
	case yaml.SequenceNode:
		for i, x := range n.Content {
			if err := emptyIn(x, fmt.Sprintf("%s.%d", key, i)); err != nil {
				return err
			}
		}
	case yaml.ScalarNode:
		below := false
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil && n.Tag != "!!str" && !strings.HasSuffix(key, ".acts-at-most") {
			below = f <= 0
		}
		if n.Tag == "!!null" || n.Value == "" || below {
			return fmt.Errorf("line %d: %s: %s asks for nothing: leave it out, or give it a value that does", n.Line, key, cmp.Or(n.Value, "no value"))
		}
	}
	return nil
}

// lineOf is the line of a key, or that of the innermost key around it.
func lineOf(text []byte, key string) int {
	var doc yaml.Node
	if yaml.Unmarshal(text, &doc) != nil || len(doc.Content) == 0 {
		return 1
	}
	at, line := doc.Content[0], 1
	for part := range strings.SplitSeq(key, ".") {
		if n, err := strconv.Atoi(part); err == nil && at.Kind == yaml.SequenceNode && n < len(at.Content) {
			at = at.Content[n]
			line = at.Line
			continue
		}
		i := 0
		for i+1 < len(at.Content) && at.Content[i].Value != part {
			i += 2
		}
		if at.Kind != yaml.MappingNode || i+1 >= len(at.Content) {
			break
		}
		line, at = at.Content[i].Line, at.Content[i+1]
	}
	return line
}
