package field

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/intent"
)

// victim is an app under PM2 whose engine is killed.
type victim struct {
	*arm
	want   map[int]bool // ids that were there when the work began, less what an operator has deleted
	either int          // how many workers there may be instead, 0 for none
	limit  int          // of the workers that may live at a time
	logged int64        // length of pm2.log when the work began

	watch sync.Mutex
	most  []int // workers that were seen to live at a time
}

// startVictim starts the app, which is ended with the test.
func startVictim(ctx context.Context, t *testing.T, tools Tools, n int) *victim {
	c := Case{
		Name: "kills", App: "site", Files: []string{"page.html"},
		PM2: fmt.Sprintf(`name: 'site', script: './server.js', exec_mode: 'cluster', instances: 4, restart_delay: 500, kill_timeout: 3000, listen_timeout: 5000, max_restarts: %d, env: { READS: 'page.html' }`, 1000*n),
	}
	v := &victim{arm: must(newArm(tools, c, filepath.Join(tools.Dir, "k"), true))(t)}
	t.Cleanup(func() {
		if err := endProcesses(v.dir); err != nil {
			t.Error(err)
		}
	})
	if err := v.prepare(); err != nil {
		t.Fatal(err)
	}
	if err := v.receiveAlerts(ctx); err != nil {
		t.Fatal(err)
	}
	v.renew(ctx, t)
	watching, stop := context.WithCancel(ctx)
	t.Cleanup(stop)
	go tick(watching, 100*time.Millisecond, func(time.Time) { v.count() })
	return v
}

// renew starts the app from nothing.
func (v *victim) renew(ctx context.Context, t *testing.T) {
	if err := endProcesses(v.dir); err != nil {
		t.Fatal(err)
	}
	v.servers = map[string]*exec.Cmd{}
	for _, name := range []string{intent.File, "dump.pm2"} {
		_ = os.Remove(filepath.Join(v.getHome(), name)) // it need not be there
	}
	if err := giveFile(ctx, v); err != nil {
		t.Fatal(err)
	}
	if err := v.runPM2(ctx, "start", "ecosystem.config.js"); err != nil {
		t.Fatal(err)
	}
	if err := v.waitForUp(ctx); err != nil {
		t.Fatal(err)
	}
}

// look returns the ids of the app's workers.
func (v *victim) look(ctx context.Context) (map[int]bool, error) {
	list, err := v.list(ctx)
	ids := map[int]bool{}
	for _, w := range list {
		ids[w.ID] = true
	}
	return ids, err
}

// begin notes how things are before the engine works.
func (v *victim) begin(ids map[int]bool, w work) {
	v.want, v.either = ids, 0
	v.watch.Lock()
	v.most, v.limit = nil, len(ids)+w.more
	v.watch.Unlock()
	if info, err := os.Stat(filepath.Join(v.getHome(), "pm2.log")); err == nil {
		v.logged = info.Size()
	}
}

// count takes in how many workers live.
func (v *victim) count() {
	lives := v.listWorkers()
	v.watch.Lock()
	defer v.watch.Unlock()
	if len(lives) > len(v.most) {
		v.most = lives
	}
}

// listWorkers lists the processes of the app that live.
func (v *victim) listWorkers() []int {
	text, err := os.ReadFile(filepath.Join(v.getHome(), "pm2.pid"))
	if err != nil {
		return nil
	}
	daemon, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return nil
	}
	children, _ := host.Children(daemon) // of a daemon that has ended there are none
	return slices.DeleteFunc(children, func(pid int) bool {
		line, err := host.Cmdline(pid)
		return err != nil || !strings.HasSuffix(line, "server.js") || !host.Alive(pid) // PM2 runs ps, too
	})
}

// settle waits until all is well and stays so, and says what is not when ctx ends.
func (v *victim) settle(ctx context.Context) (wrong []string) {
	well := time.Time{}
	for {
		now := v.findWrong(ctx)
		if ctx.Err() != nil {
			return append(wrong, "it is not well in time")
		}
		wrong = now
		switch {
		case len(wrong) > 0:
			well = time.Time{}
		case well.IsZero():
			well = time.Now()
		case time.Since(well) > 3*time.Second:
			return nil
		}
		waitUntil(ctx, time.Now().Add(200*time.Millisecond))
	}
}

// findWrong says what is not as it is to be.
func (v *victim) findWrong(ctx context.Context) (wrong []string) {
	list, err := v.list(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	var pids []int
	for _, w := range list {
		pids = append(pids, w.PID)
		if w.Status != "online" {
			wrong = append(wrong, fmt.Sprintf("worker %d is %s", w.ID, w.Status))
		}
	}
	if len(list) != len(v.want) && len(list) != v.either {
		wrong = append(wrong, fmt.Sprintf("there are %d workers, not %d", len(list), len(v.want)))
	}
	for _, pid := range v.listWorkers() {
		if !slices.Contains(pids, pid) {
			wrong = append(wrong, fmt.Sprintf("process %d is no worker's", pid))
		}
	}
	if silent := v.findSilent(ctx, pids); len(silent) > 0 {
		wrong = append(wrong, fmt.Sprintf("processes %v do not answer", silent))
	}
	return append(wrong, v.findLeft(ctx, pids)...)
}

// findSilent lists the processes that do not answer within as many requests as make that unlikely
// by chance.
func (v *victim) findSilent(ctx context.Context, pids []int) []int {
	left := slices.Clone(pids)
	for n := 0; n < 20*len(pids) && len(left) > 0 && ctx.Err() == nil; n++ {
		q := v.sendRequest(ctx, v.buildURL(""))
		left = slices.DeleteFunc(left, func(pid int) bool { return q.OK() && q.Body == fmt.Sprintf("page by %d\n", pid) })
	}
	return left
}

// findLeft says what engines have left behind: an open inspector, notes, guards, an incident.
func (v *victim) findLeft(ctx context.Context, pids []int) (wrong []string) {
	sockets, err := host.Listeners(9229, pids...)
	if err != nil {
		return []string{err.Error()}
	}
	for _, s := range sockets {
		if slices.Contains(pids, s.PID) {
			wrong = append(wrong, fmt.Sprintf("process %d has an inspector open", s.PID))
		}
	}
	if text, err := os.ReadFile(filepath.Join(v.getHome(), intent.File)); err == nil {
		var notes struct{ Apps map[string][]json.RawMessage }
		if err := json.Unmarshal(text, &notes); err != nil || len(notes.Apps) > 0 {
			wrong = append(wrong, fmt.Sprintf("notes are left: %s", text))
		}
	}
	procs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return append(wrong, err.Error())
	}
	for _, proc := range procs {
		line, _ := os.ReadFile(filepath.Join(proc, "cmdline")) // of one that has ended there is none
		if strings.Contains(string(line), "agent\x00guard") && isInFolder(proc, v.dir) {
			wrong = append(wrong, fmt.Sprintf("a guard is left: %q", line))
		}
	}
	return append(wrong, v.findOpen(ctx)...)
}

// findOpen lists the incidents that the engine says are open.
func (v *victim) findOpen(ctx context.Context) []string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.fill("http://127.0.0.1:{alt}/incidents"), nil)
	if err != nil {
		return []string{err.Error()}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return []string{err.Error()}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	var incidents struct {
		Open []struct{ Cause, Symptom string }
	}
	if err == nil {
		err = json.Unmarshal(text, &incidents)
	}
	if err != nil {
		return []string{err.Error()}
	}
	var open []string
	for _, in := range incidents.Open {
		if in.Cause != "sigint_ignored" { // advice for people: it does not end
			open = append(open, fmt.Sprintf("an incident is open: %s%s", in.Cause, in.Symptom))
		}
	}
	return open
}

// starting is what PM2 logs of each start of a worker.
var starting = regexp.MustCompile(`App \[site:(\d+)\] starting in`)

// findDoubled says which workers were started more often than the work asks for, and whether there
// were ever more than there may be.
func (v *victim) findDoubled(w work) (wrong []string) {
	v.watch.Lock()
	most, limit := v.most, v.limit
	v.watch.Unlock()
	if len(most) > limit {
		wrong = append(wrong, fmt.Sprintf("%d workers lived at a time, and there may be %d: %v", len(most), limit, most))
	}
	text, err := os.ReadFile(filepath.Join(v.getHome(), "pm2.log"))
	if err != nil {
		return append(wrong, err.Error())
	}
	starts := map[string]int{}
	for _, found := range starting.FindAllSubmatch(text[min(v.logged, int64(len(text))):], -1) {
		starts[string(found[1])]++
	}
	for _, id := range slices.Sorted(maps.Keys(starts)) {
		if w.starts > 0 && starts[id] > w.starts {
			wrong = append(wrong, fmt.Sprintf("worker %s was started %d times", id, starts[id]))
		}
	}
	return wrong
}
