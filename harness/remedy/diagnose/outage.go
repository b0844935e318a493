package diagnose

import (
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// diagnoseOutage returns a diagnosis where most workers say that they cannot reach the same server, and
// neither can the engine. Most, because one worker that complains alone has a
// problem of its own; the engine's own attempt, because a worker may name a
// server that is well and refuse its password.
//
// Some clients name no server. Then it is one that the app was connected to while it was
// well, or tries to connect to, that the engine cannot reach.
func diagnoseOutage(c Facts) (Diagnosis, bool) {
	for _, address := range c.listNeeded() {
		if f, ok := diagnoseOutageOf(c, address); ok {
			return f, true
		}
		if f, ok := diagnoseUntried(c, address); ok {
			return f, true
		}
	}
	dying := c.listDying(c.isVague)
	if !c.isMost(len(dying)) {
		return Diagnosis{}, false
	}
	if address := c.findAway(); address != "" {
		return c.buildNameless(address, dying), true
	}
	return Diagnosis{}, false
}

// buildNameless returns an outage of a server that the workers' errors do not name. A connection
// that they had is as good as the name; that the settings name it is not, since it may be
// a server that the app can do without: nobody is stopped for it.
func (c Facts) buildNameless(address string, dying []int) Diagnosis {
	failed, _ := findUnanswered(c, address)
	connected := slices.ContainsFunc(c.Now.Known, func(k observe.Server) bool { return k.Address == address && k.By != observe.BySetting })
	by := "the app's settings name it"
	if connected {
		by = "the app's processes were connected to it, or try to be"
	}
	f := buildOutage(c, address, dying, dying, c.findFinalError(dying), reached{
		fmt.Sprintf("the engine cannot reach %s either: %s; %s", address, failed.Error, by),
		"the error names no server, and a connection to one of the app's servers fails from outside the app too", 0.85,
	})
	if !connected {
		f.Dying, f.Passes, f.Confidence = nil, true, 0.6
	}
	return f
}

func diagnoseOutageOf(c Facts, address string) (Diagnosis, bool) {
	names := func(s string) bool { return slices.Contains(c.findServers(s), address) }
	said := c.listComplaints(c.subtractFromNow(memory), names)
	var ids []int
	var final observe.Event
	for _, w := range c.ListDesired() {
		events := said[w.ID]
		if len(events) == 0 {
			continue
		}
		ids = append(ids, w.ID)
		if e := events[len(events)-1]; e.At > final.At {
			final = e
		}
	}
	dying := c.listDying(names)
	if !c.isMost(len(ids)) || (len(dying) == 0 && !c.areServingOrRetrying(said)) {
		return Diagnosis{}, false
	}
	failed, now := findUnanswered(c, address)
	probes := c.listProbes(address, c.subtractFromNow(fresh))
	back := len(probes) > 0 && probes[len(probes)-1].OK && haveAllGivenUp(c, ids)
	switch {
	case now:
		return buildOutage(c, address, ids, dying, final, describeStillOut(address, *failed)), true
	case back && failed != nil:
		return buildOutage(c, address, ids, dying, final, describeOutBefore(address, *failed)), true
	case back && final.Kind == observe.KindLast:
		return buildOutage(c, address, ids, dying, final, describeUnseenOutage(address)), true
	}
	return Diagnosis{}, false
}

// diagnoseUntried returns a diagnosis where most workers die at every start because they cannot reach a server that no
// socket and no setting of the app knows. Nobody tries to reach what stands in a log
// alone, and nothing is done on its word: people are told, and PM2 goes on.
func diagnoseUntried(c Facts, address string) (Diagnosis, bool) {
	names := func(s string) bool { return slices.Contains(c.findServers(s), address) }
	dying := c.listDying(names)
	deaths := 0
	for _, k := range c.crashes {
		if names(k.text) && !k.came {
			deaths++
		}
	}
	given := slices.ContainsFunc(c.errors, func(e observe.Event) bool { return e.Kind == observe.KindLast && names(e.Text) })
	_, known := c.Now.FindKnown(address)
	if known || len(c.listProbes(address, c.subtractFromNow(memory))) > 0 || !c.isMost(len(dying)) || (deaths < bootErrors && !given) {
		return Diagnosis{}, false
	}
	f := buildOutage(c, address, dying, nil, c.findFinalError(dying), reached{
		fmt.Sprintf("no socket and no setting of the app knows %s, so nobody has tried to reach it", address),
		"the error is about reaching a server, which may answer at the next start", 0.5,
	})
	f.Evidence[1].Text = fmt.Sprintf("%d of them die of it at every start", len(dying))
	f.Evidence[2].Source, f.Passes = "sockets", true
	f.Human = fmt.Sprintf("bring %s back, if it is the app's own server. PM2 goes on starting the workers; what it has given up the engine tries again now and then", address)
	return f, true
}

// areServingOrRetrying reports whether the workers live through an outage (somebody
// listens, or they try again), and are none of those that were started in it and have
// given up on listening.
func (c Facts) areServingOrRetrying(said map[int][]observe.Event) bool {
	if looks := c.listLooks(c.subtractFromNow(fresh)); len(looks) > 0 && len(looks[len(looks)-1].Port.Listeners) > 0 {
		return true
	}
	for _, words := range said {
		if hasRetried(words) {
			return true
		}
	}
	return false
}

// haveAllGivenUp reports whether PM2 has given all these workers up: then nobody brings
// them back although the server may answer again.
func haveAllGivenUp(c Facts, ids []int) bool {
	for _, id := range ids {
		if w, ok := c.Now.FindWorker(id); !ok || !w.GaveUp {
			return false
		}
	}
	return true
}

// reached is what the engine's own attempts say of a server that workers complained of.
type reached struct {
	state      string  // what they found
	outside    string  // why it is no error of the code
	confidence float64 // 0..1
}

func describeStillOut(address string, failed observe.Probe) reached {
	return reached{
		fmt.Sprintf("the engine cannot reach %s either: %s", address, failed.Error),
		fmt.Sprintf("the error names %s, and a connection to it fails from outside the app too", address), 0.95,
	}
}

func describeOutBefore(address string, failed observe.Probe) reached {
	return reached{
		fmt.Sprintf("%s did not answer (%s) and does again, and PM2 has given the workers up", address, failed.Error),
		fmt.Sprintf("the error names %s, and a connection to it failed from outside the app too", address), 0.95,
	}
}

// describeUnseenOutage tells of an outage that was over before the engine began.
func describeUnseenOutage(address string) reached {
	return reached{
		fmt.Sprintf("%s answers, and PM2 had given the workers up before", address),
		fmt.Sprintf("the last that workers said is that they could not reach %s", address), 0.8,
	}
}

func buildOutage(c Facts, address string, ids, dying []int, final observe.Event, r reached) Diagnosis {
	human := fmt.Sprintf("bring %s back; the workers are started again as soon as it answers. Let the app wait for it and retry instead of exiting", address)
	if len(dying) == 0 {
		human = fmt.Sprintf("bring %s back; the workers live and need no restart", address)
	}
	return Diagnosis{
		Cause: engine.DependencyOutage, Subject: address, IDs: ids, Dying: dying, Confidence: r.confidence,
		Evidence: []engine.Fact{
			{Source: final.Source(), Text: fmt.Sprintf("%d of %d workers, last worker %d: %s", len(ids), len(c.ListDesired()), final.ID, c.words.FindHeadline(final.Text))},
			{Source: final.Source(), Text: fmt.Sprintf("%d of them died of it", len(dying))},
			{Source: "probe", Text: r.state},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.BootCrash, Fact: r.outside},
			{Cause: engine.PortForeign, Fact: fmt.Sprintf("%s is not the app's own port", address)},
		},
		Human: human,
	}
}
