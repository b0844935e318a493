package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Limits of cannotStart.
const (
	refusals     = 2               // deaths before the app, of one reason: one may be a deployment half done
	launchingFor = 5 * time.Second // PM2 has a pid as soon as it calls a worker launching (God.js:230)
)

// diagnoseCannotStart returns a diagnosis where the app's code is never reached: PM2 cannot
// spawn Node, or Node refuses an option or a preload. The first witness is pm2.log, the
// second PM2's list: the worker has no process, or its processes die at once.
func diagnoseCannotStart(c Facts) (Diagnosis, bool) {
	for _, find := range []func(Facts) (Diagnosis, bool){findSpawnFailed, findRefused, findLaunching} {
		if f, ok := find(c); ok {
			f.Cause, f.Lasts = engine.CannotStart, true
			f.RuledOut = []engine.Ruled{
				{Cause: engine.BootCrash, Fact: "no line of the app's code has run"},
				{Cause: engine.DaemonDead, Fact: "PM2's daemon answers"},
			}
			return f, true
		}
	}
	return Diagnosis{}, false
}

// findSpawnFailed finds workers without a process, PM2 having failed to spawn one.
func findSpawnFailed(c Facts) (Diagnosis, bool) {
	said := c.findLatestError(func(e observe.Event) bool {
		return e.Kind == observe.KindPM2Log && c.words.Read(e.Text).Class == nodeerr.NoCommand
	})
	left := c.listRefused()
	ids := append(c.listWithoutProcess(twice), left...)
	if said.Text == "" && len(left) > 0 {
		said = c.refused[left[0]]
	}
	if said.Text == "" || len(ids) == 0 {
		return Diagnosis{}, false
	}
	slices.Sort(ids)
	line := c.words.FindHeadline(said.Text)
	return Diagnosis{
		Subject: "spawn", IDs: ids, Confidence: 0.95,
		Evidence: append([]engine.Fact{{Source: said.Source(), Text: fmt.Sprintf("worker %d: %s", said.ID, line)}}, c.describeStatus(ids)...),
		Human:    adviseOnSpawn(line),
	}, true
}

// adviseOnSpawn returns what people can do where PM2 could not spawn Node, by its error.
func adviseOnSpawn(line string) string {
	if strings.Contains(line, "E2BIG") {
		return "PM2 cannot start Node: " + line + ". Its environment is too large: PM2 hands a cluster worker all of it as one variable (pm2_env), and Linux allows 128 KiB for one. Run pm2 delete, then pm2 start in a shell without the large variables: PM2 keeps them, and does not try again by itself"
	}
	return "PM2 cannot start Node: " + line + ". Put the binary back, or make it executable; then restart the app: PM2 does not try again by itself"
}

// listRefused lists the workers that PM2 calls stopped although nobody has stopped them: it ended
// them to start them anew, as pm2 restart does, and could not.
func (c Facts) listRefused() []int {
	var out []int
	for id, e := range c.refused {
		if w, ok := c.Now.FindWorker(id); ok && w.PID <= 0 && w.Status == "stopped" && c.Now.At-e.At >= twice {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// findRefused finds workers whose processes die before the app's code runs: Node says so in
// pm2.log, or in the app's log in fork mode, and ends with an exit code.
func findRefused(c Facts) (Diagnosis, bool) {
	var ids []int
	var final crash
	deaths := 0
	for _, w := range c.ListDesired() {
		crashes := c.listCrashes(w.ID, c.subtractFromNow(memory))
		refused := slices.DeleteFunc(slices.Clone(crashes), func(k crash) bool { return !c.hasDiedBeforeApp(k) })
		n := len(refused)
		if n == 0 || refused[n-1] != crashes[len(crashes)-1] || c.hasRecovered(w) {
			continue
		}
		ids, deaths = append(ids, w.ID), deaths+n
		if refused[n-1].at >= final.at {
			final = refused[n-1]
		}
	}
	if deaths < refusals {
		return Diagnosis{}, false
	}
	line := c.words.FindHeadline(final.text)
	return Diagnosis{
		Subject: "node", IDs: ids, Confidence: 0.95,
		Evidence: append([]engine.Fact{
			{Source: c.findSource(final.text), Text: fmt.Sprintf("worker %d: %s", final.id, line)},
			{Source: "pm2.log", Text: fmt.Sprintf("%s ended soon after a start, the last with %s", formatCount(deaths, "process"), c.findEnd(final))},
		}, c.describeStatus(ids)...),
		Human: "Node ends before it reads the app: " + line + ". See to node_args, NODE_OPTIONS and the files that they preload, then restart the app",
	}, true
}

// hasDiedBeforeApp reports whether a process ended before the app's code ran. In cluster
// mode what is only in pm2.log was said before PM2's wrapper; PM2 says exit code 0 of an
// exception that its wrapper has seen.
func (c Facts) hasDiedBeforeApp(k crash) bool {
	end, failed := strings.CutPrefix(c.findEnd(k), "exit code ")
	if !k.isAtBoot() || !failed || end == "0" {
		return false
	}
	read := c.words.Read(k.text)
	switch {
	case read.Class == nodeerr.BadOption, strings.Contains(k.text, "internal/preload"):
		return true
	case read.Class == nodeerr.Heap, read.Class == nodeerr.NoCommand:
		return false
	}
	return k.text != "" && c.findSource(k.text) == string(observe.KindPM2Log)
}

// findLaunching finds workers that PM2 calls launching for long and that have no process:
// what it could not start was said before the engine began, or in a log that it cannot read.
func findLaunching(c Facts) (Diagnosis, bool) {
	ids := slices.DeleteFunc(c.listWithoutProcess(launchingFor), func(id int) bool {
		w, _ := c.Now.FindWorker(id)
		return w.Status != "launching"
	})
	if len(ids) == 0 {
		return Diagnosis{}, false
	}
	return Diagnosis{
		Subject: "spawn", IDs: ids, Confidence: 0.7, Evidence: c.describeStatus(ids),
		Human: "PM2 could not start a process, and does not try again by itself: see to the interpreter (is Node's binary there, and executable?) and to pm2.log, then restart the app",
	}, true
}

// listWithoutProcess lists the desired workers that have had no process for span, and that
// do not wait for PM2's next start.
func (c Facts) listWithoutProcess(span time.Duration) []int {
	lacks := func(w observe.Worker) bool {
		return w.PID <= 0 && (w.Status == "launching" || w.Status == "online" || w.GaveUp)
	}
	var out []int
	for _, w := range c.ListDesired() {
		if lacks(w) && c.Now.At-c.findWorkerHeldSince(w.ID, lacks) >= span {
			out = append(out, w.ID)
		}
	}
	return out
}

// describeStatus says what PM2's list has of workers.
func (c Facts) describeStatus(ids []int) []engine.Fact {
	var out []engine.Fact
	for _, id := range ids {
		w, _ := c.Now.FindWorker(id)
		process := "has no process"
		if w.PID > 0 && w.Alive {
			process = fmt.Sprintf("has had pid %d for %s", w.PID, (c.Now.At - w.Since).Round(100*time.Millisecond))
		}
		out = append(out, engine.Fact{Source: "rpc", Text: fmt.Sprintf("worker %d %s; PM2 calls it %s, after %s", id, process, w.Status, formatCount(w.Restarts, "restart"))})
	}
	return out
}
