package scenarios

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/load"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// Vary draws an app for the scenario: the same incident, and what the scenario says that
// may vary as the seed has it. It fails for a scenario in which nothing may.
func (s Scenario) Vary(seed int64) (Scenario, error) {
	if len(s.Varies) == 0 {
		return Scenario{}, fmt.Errorf("nothing may vary in %s", s.Name)
	}
	v, err := s.Varies.Draw(s.Name, seed)
	if err != nil {
		return Scenario{}, fmt.Errorf("cannot vary %s: %w", s.Name, err)
	}
	return s.as(v), nil
}

// VariedAs is the scenario as a record says that it was drawn.
func (s Scenario) VariedAs(choices []evidence.Choice) (Scenario, error) {
	v, err := s.Varies.Of(choices)
	if err != nil {
		return Scenario{}, fmt.Errorf("cannot vary %s as it was: %w", s.Name, err)
	}
	return s.as(v), nil
}

// as is the scenario with the app of a variant.
func (s Scenario) as(v variant.Variant) Scenario {
	later := s.later(v)
	s.Choices = v.Choices
	s.App, s.Load = varied(s.App, v), variedLoad(s.Load, v)
	s.Promises, s.Recover = put(s.Promises, later), s.Recover+later
	if s.Decoy != nil {
		d := *s.Decoy
		d.App, d.Promises, d.Watch = varied(d.App, v), put(d.Promises, later), d.Watch+later
		s.Decoy = &d
	}
	return s
}

// usual is how many workers an app of the catalogue has.
const usual = 4

// later is how much more time everything takes: for each worker beyond the usual ones, and
// where the framework takes long to load.
func (s Scenario) later(v variant.Variant) time.Duration {
	more := time.Duration(max(0, v.Workers-usual)) * cmp.Or(s.Each, time.Second)
	if v.Framework == "nest" {
		more += time.Duration(cmp.Or(v.Workers, usual)) * time.Second / 2
	}
	return more
}

// put are the promises with later deadlines.
func put(promises []promise.Promise, later time.Duration) []promise.Promise {
	out := slices.Clone(promises)
	for i, p := range out {
		if p.Later != nil && later > 0 {
			out[i] = p.Later(later)
		}
	}
	return out
}

// varied is an app as a variant has it.
func varied(app drill.App, v variant.Variant) drill.App {
	app.Name, app.Port = cmp.Or(v.Name, app.Name), cmp.Or(v.Port, app.Port)
	app.Workers, app.Health = cmp.Or(v.Workers, app.Workers), cmp.Or(v.Health, app.Health)
	app.Words = strings.NewReplacer("{host}", "127.0.0.1", "{port}", strconv.Itoa(app.Server.Port())).Replace(v.Words)
	settings := maps.Clone(app.Settings)
	if settings == nil {
		settings = map[string]any{}
	}
	maps.Copy(settings, v.Settings)
	if v.OneLog {
		file := cluster.PM2Home + "/logs/all.log"
		settings["out_file"], settings["error_file"] = file, file
	}
	if len(v.Env) > 0 {
		settings["env"] = v.Env
	}
	app.Settings = settings
	return app
}

// variedLoad are the lanes of the scenario and those that a variant has besides.
func variedLoad(lanes []load.Lane, v variant.Variant) []load.Lane {
	lanes = slices.Clone(lanes)
	if v.Posts {
		lanes = append(lanes, load.Lane{Name: evidence.LanePost, Kind: load.KeepAlive, Rate: 20, Conns: 5, Timeout: 2 * time.Second,
			Work: 20 * time.Millisecond, Asks: load.Asks{Method: http.MethodPost, Headers: map[string]string{"Content-Type": "application/json"}, Body: `{"order":7,"items":[{"id":"a-12","count":2}]}`}})
	}
	if v.Streams {
		lanes = append(lanes, load.Lane{Name: evidence.LaneStream, Kind: load.Long, Rate: 4, Timeout: 5 * time.Second, Path: "/events?ms=2000"})
	}
	return lanes
}

// variedArms are those of a variant: its engine arm beside its twin, which nobody heals, and
// its decoy. A request for work has no twin.
func (s Scenario) variedArms() []string {
	var arms []string
	if s.Fault != nil && s.Fault.Kind() == evidence.KindFault {
		arms = append(arms, evidence.ArmControl)
	}
	if s.Fault != nil {
		arms = append(arms, evidence.ArmEngine)
	}
	if s.Decoy != nil {
		arms = append(arms, evidence.ArmDecoy)
	}
	return arms
}
