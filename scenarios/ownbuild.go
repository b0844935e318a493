package scenarios

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/load"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// scenario makes the scenario.
func (o ownFile) scenario(name string) Scenario {
	s := Scenario{
		Name: name, Story: strings.TrimSpace(o.Story), Labels: []string{"tier:own"},
		App:       o.app(o.App.Config),
		Load:      o.Load.lanes(),
		Fault:     o.Fault.fault(),
		LiftAfter: time.Duration(o.Fault.After),
		Left:      o.Fault.Left,
		Replace:   o.Promises.Replaces > 0,
		Recover:   time.Duration(o.Recover),
		Linger:    o.Promises.linger(),
		Breaks:    o.Breaks,
		Promises:  o.Promises.list(),
	}
	if d := o.Decoy; d != nil {
		s.Decoy = &Decoy{
			Story: strings.TrimSpace(d.Story), App: o.app(o.decoyConfig()), Fault: d.Fault.fault(), LiftAfter: time.Duration(d.Fault.After),
			Left: d.Fault.Left, Replace: d.Promises.Replaces > 0, Watch: cmp.Or(time.Duration(d.Watch), decoyWatch),
			Linger: max(decoyLinger, d.Promises.linger()), Promises: d.Promises.list(),
		}
	}
	return s
}

// How long a decoy is watched until all workers serve, and at least from its bite on, so
// that an engine that is slow to err is seen to.
const (
	decoyWatch  = 30 * time.Second
	decoyLinger = 15 * time.Second
)

// decoyConfig is the ecosystem file of the decoy's app.
func (o ownFile) decoyConfig() string {
	if o.Decoy == nil {
		return o.App.Config
	}
	return cmp.Or(o.Decoy.Config, o.App.Config)
}

func (o ownFile) app(config string) drill.App {
	return drill.App{
		Name: o.App.Name, Workers: o.App.Workers, Port: o.App.Port, Health: cmp.Or(o.App.Health, o.Load.Path),
		Server: cluster.Server(o.App.Server),
		Limits: cluster.Limits{Memory: int64(o.App.Limits.Memory), Cores: o.App.Limits.Cores, OpenFiles: int64(o.App.Limits.OpenFiles)},
		Own:    &cluster.Own{File: config, Env: o.App.Env},
	}
}

// checkRate is how many requests of a check are sent per second where nothing is said.
const checkRate = 5

// lanes are the usual ones, and one for each check.
func (l ownLoad) lanes() []load.Lane {
	lanes := OwnLoad(l.Path, l.LongPath, l.Rate)
	for i := range lanes {
		if lanes[i].Path == l.Path {
			lanes[i].Asks = l.asks()
		}
	}
	for _, c := range l.Checks {
		lanes = append(lanes, load.Lane{Name: c.Name, Kind: load.Short, Rate: cmp.Or(c.Rate, checkRate), Timeout: 5 * time.Second, Path: c.Path, Asks: c.asks()})
	}
	return lanes
}

func (f ownFault) fault() fault.Command {
	c := fault.Command{
		Run: f.Run, Undo: f.Undo,
		Proof: fault.Proof{Exits: f.Bitten.Exits, Silent: f.Bitten.Silent, Says: f.Bitten.Says, Drops: f.Bitten.Drops},
		Ask:   engine.Request{Request: f.Ask, Workers: f.Workers},
	}
	if f.Rollback != "" {
		c.Ask.Rollback = []string{"sh", "-c", "cd " + cluster.OwnDir + " && " + f.Rollback}
	}
	return c
}

// linger is how long after the bite the drill must go on for the promises to be judged.
func (p ownPromises) linger() time.Duration {
	if p.StopsChurning == 0 {
		return 0
	}
	return time.Duration(p.StopsChurning) + 10*time.Second
}

// list are the promises that the file asks for.
func (p ownPromises) list() []promise.Promise {
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
		{p.ActsAtMost != nil, func() promise.Promise { return promise.ActsAtMost(*p.ActsAtMost) }},
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

// size is a number of bytes, written like 256M or 1G.
type size int64

// UnmarshalYAML implements yaml.Unmarshaler.
func (s *size) UnmarshalYAML(n *yaml.Node) error {
	units := map[string]int64{"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
	text := strings.TrimRight(n.Value, "KMG")
	unit, known := units[strings.TrimPrefix(n.Value, text)]
	number, err := strconv.ParseInt(text, 10, 32)
	if err != nil || number <= 0 || !known {
		return fmt.Errorf("line %d: %q is no size: write it like 256M or 1G", n.Line, n.Value)
	}
	*s = size(number * unit)
	return nil
}
