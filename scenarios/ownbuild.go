package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// wrong names the first thing that a file says and cannot be meant, with its line.
func (o ownFile) wrong(text []byte) error {
	proof := o.Fault.Bitten
	for _, c := range []struct {
		bad      bool
		key, say string
	}{
		{o.Story == "", "story", "say what breaks, why, and what helps"},
		{o.App.Name == "", "app.name", "say what PM2 calls the app"},
		{o.App.Workers < 1, "app.workers", "say how many workers PM2 starts, 1 or more"},
		{o.App.Port < 1 || o.App.Port > 65535, "app.port", "say on which port the app serves"},
		{!slices.Contains([]string{"", string(cluster.Redis), string(cluster.Postgres)}, o.App.Server), "app.server", "there are redis and postgres"},
		{!strings.HasPrefix(o.Load.Path, "/"), "load.path", "a path begins with /"},
		{o.Load.LongPath != "" && !strings.HasPrefix(o.Load.LongPath, "/"), "load.long_path", "a path begins with /"},
		{o.Load.Rate < 5 || o.Load.Rate > 1000, "load.rate", "give 5 to 1000 requests per second"},
		{o.Fault.Run == "", "fault.run", "say what does the harm, as a line of shell"},
		{o.Fault.After > 0 && o.Fault.Undo == "", "fault.undo", "say what is done when the time of fault.after has passed"},
		{o.Fault.Undo != "" && o.Fault.After == 0, "fault.after", "say how long after the injection fault.undo is run"},
		{proof.Exits <= 0 && !proof.Silent && proof.Says == "" && proof.Drops <= 0, "fault.bitten", "say how one sees that it has done harm: exits, silent, says or drops"},
		{len(o.promises()) == 0, "promises", "promise something"},
		{o.Promises.Alerts > 0 && o.Promises.Diagnoses == "", "promises.diagnoses", "an alert is about a cause: say which"},
		{!slices.ContainsFunc(o.promises(), func(p promise.Promise) bool { return p.Name == o.Breaks }), "breaks", "name one of the promises, which breaks when nobody heals"},
	} {
		if c.bad {
			return fmt.Errorf("line %d: %s: %s", lineOf(text, c.key), c.key, c.say)
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
	for _, part := range strings.Split(key, ".") {
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

// scenario makes the scenario.
func (o ownFile) scenario(name string) Scenario {
	f := o.Fault
	return Scenario{
		Name: name, Story: strings.TrimSpace(o.Story), Labels: []string{"tier:own"},
		App: drill.App{
			Name: o.App.Name, Workers: o.App.Workers, Port: o.App.Port, Server: cluster.Server(o.App.Server),
			Own: &cluster.Own{File: o.App.Config, Env: o.App.Env},
		},
		Load:      OwnLoad(o.Load.Path, o.Load.LongPath, o.Load.Rate),
		Fault:     fault.Command{Run: f.Run, Undo: f.Undo, Proof: fault.Proof{Exits: f.Bitten.Exits, Silent: f.Bitten.Silent, Says: f.Bitten.Says, Drops: f.Bitten.Drops}},
		LiftAfter: time.Duration(f.After),
		Recover:   time.Duration(o.Recover),
		Breaks:    o.Breaks,
		Promises:  o.promises(),
	}
}

// promises are those that the file asks for.
func (o ownFile) promises() []promise.Promise {
	p := o.Promises
	var out []promise.Promise
	for _, c := range []struct {
		asked bool
		make  func() promise.Promise
	}{
		{p.Recovers > 0, func() promise.Promise { return promise.Recovers(time.Duration(p.Recovers)) }},
		{p.Replaces > 0, func() promise.Promise { return promise.Replaces(time.Duration(p.Replaces)) }},
		{p.DropsNothing, promise.DropsNothing},
		{p.SparesRequests, promise.SparesRequests},
		{p.StopsLosing > 0, func() promise.Promise { return promise.StopsLosing(time.Duration(p.StopsLosing)) }},
		{p.KeepsServing > 0, func() promise.Promise { return promise.KeepsServing(p.KeepsServing) }},
		{p.StopsChurning > 0, func() promise.Promise { return promise.StopsChurning(time.Duration(p.StopsChurning)) }},
		{p.Diagnoses != "", func() promise.Promise { return promise.Diagnoses(p.Diagnoses) }},
		{p.Alerts > 0, func() promise.Promise { return promise.Alerts(p.Diagnoses, time.Duration(p.Alerts)) }},
		{p.Mentions != "", func() promise.Promise { return promise.Mentions(p.Mentions) }},
		{p.ActsAtMost > 0, func() promise.Promise { return promise.ActsAtMost(p.ActsAtMost) }},
		{p.KeepsBounds, promise.KeepsBounds},
		{p.TellsTheTruth, promise.TellsTheTruth},
		{p.DiagnosesNothing, promise.DiagnosesNothing},
	} {
		if c.asked {
			out = append(out, c.make())
		}
	}
	return out
}
