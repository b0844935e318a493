package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
)

// hostsWithin bounds each wait of TestHosts, on a host however busy.
const hostsWithin = 20 * time.Minute

// TestHosts drills on three Docker engines in network namespaces, which have no images, and
// kills one of them in mid-run: every drill is judged, with evidence, on an engine that was not
// lost, what the lost one had begun counts for nothing, and nothing is left on any of them,
// nor on this host, once the lost one is back. Minutes, needs root: make test-hosts.
func TestHosts(t *testing.T) {
	if os.Getenv("PM2DRILL_HOSTS_TEST") == "" {
		t.Skip("set PM2DRILL_HOSTS_TEST=1; make test-hosts does")
	}
	binary, err := filepath.Abs("../../../bin/pm2drill")
	if err != nil {
		t.Fatal(err)
	}
	engines := make([]*dockerd, 3)
	var tcp string
	for n := range engines {
		engines[n], tcp = newHost(t, n)
	}
	lost := engines[1]
	addresses := []string{engines[0].host(), lost.host(), tcp} // the last one by its other address
	v, lines := startOnHosts(t, binary, strings.Join(addresses, "=1,")+"=1")

	waitLine(t, lines, "on "+lost.host()) // a drill has begun there
	waitLine(t, lines, "inject", "on "+lost.host())
	t.Logf("%s is killed", lost.host())
	lost.stop(syscall.SIGKILL)
	waitLine(t, lines, "the Docker host "+lost.host()+" is lost", "its drills go to the others")
	said := restOf(t, v, lines)
	if code := v.cmd.ProcessState.ExitCode(); code != 0 && code != 1 && code != 2 {
		t.Errorf("exit code %d: %s", code, said)
	}
	r, err := folder.Load(v.out)
	if err != nil {
		t.Fatal(err)
	}
	checkJudged(t, r, addresses, lost.host())
	for _, n := range []int{0, 2} {
		if left, err := owned(t.Context(), addresses[n], ""); err != nil || left != "" {
			t.Errorf("%s has %q (%v)", addresses[n], left, err)
		}
	}
	// The reaper waits for the lost one, holds up nobody meanwhile, and empties it.
	before, err := reapers(t, v)
	if err != nil || len(before) != 1 {
		t.Errorf("reapers %v (%v), want one that waits", before, err)
	}
	lost.start()
	for end := time.Now().Add(hostsWithin); ; time.Sleep(100 * time.Millisecond) {
		left, err := owned(t.Context(), lost.host(), "")
		waits, errR := reapers(t, v)
		if err == nil && errR == nil && left == "" && len(waits) == 0 && v.left(t) == "" {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("left: %q (%v), reapers %v (%v), %s", left, err, waits, errR, v.left(t))
		}
	}
}

// startOnHosts starts four drills on Docker hosts, and returns their run and the lines that it
// says.
func startOnHosts(t *testing.T, binary, hosts string) (*victim, *bufio.Scanner) {
	t.Helper()
	dir := t.TempDir()
	v := &victim{host: sharedEngine(), out: filepath.Join(dir, "report"), home: filepath.Join(dir, "home"), done: make(chan struct{})}
	if err := os.MkdirAll(filepath.Join(v.home, "tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), hostsWithin)
	t.Cleanup(cancel)
	v.cmd = exec.CommandContext(ctx, binary, "run", "./testdata/quick", "--arms", "control,engine", "--repeat", "2", "--seed", "7", "--hosts", hosts, "--out", v.out)
	v.cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+v.home, "TMPDIR="+filepath.Join(v.home, "tmp"))
	out, in := io.Pipe()
	v.cmd.Stdout, v.cmd.Stderr = in, in
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	v.owner = cluster.Owner(v.cmd.Process.Pid)
	v.label = "pm2drill.owner=" + v.owner
	go func() {
		_ = v.cmd.Wait() // how it ended is in its state
		in.Close()
		close(v.done)
	}()
	return v, bufio.NewScanner(out)
}

// waitLine reads what the run says up to a line that has all of the words.
func waitLine(t *testing.T, lines *bufio.Scanner, words ...string) {
	t.Helper()
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(lines.Text(), w) }) {
			t.Log(lines.Text())
			return
		}
	}
	t.Fatalf("the run has ended and not said %q:\n%s", words, strings.Join(said, "\n"))
}

// restOf reads the rest, to the end of the run.
func restOf(t *testing.T, v *victim, lines *bufio.Scanner) string {
	t.Helper()
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
	}
	<-v.done
	t.Log(strings.Join(said[max(0, len(said)-60):], "\n"))
	return strings.Join(said, "\n")
}

// checkJudged holds the report to what it must say of the hosts and of each drill.
func checkJudged(t *testing.T, r report.Report, addresses []string, lost string) {
	t.Helper()
	on := map[string]int{}
	for _, d := range r.Drills {
		if d.Record == nil || d.Record.Cut != "" || len(d.Rulings) == 0 || d.Record.Header.Host == "" {
			t.Errorf("%s %s has no whole evidence: %s", d.Scenario, d.Arm, d.Verdict)
			continue
		}
		on[d.Record.Header.Host]++
		if d.Verdict == promise.Inconclusive {
			t.Logf("%s %s on %s: %s", d.Scenario, d.Arm, d.Record.Header.Host, d.Rulings)
		}
	}
	if len(r.Drills) != 4 || on[addresses[0]] == 0 || on[addresses[2]] == 0 {
		t.Errorf("%d drills, on %v", len(r.Drills), on)
	}
	if !slices.ContainsFunc(r.Voids, func(d report.Drill) bool {
		return d.Record.Header.Host == lost && strings.Contains(d.Spoiled(), "Docker engine")
	}) {
		t.Errorf("what the lost host had begun is not among the %d void drills", len(r.Voids))
	}
	hosts, err := json.Marshal(r.Run.Hosts)
	if err != nil || len(r.Run.Hosts) != len(addresses) {
		t.Fatalf("hosts %s (%v)", hosts, err)
	}
	for i, h := range r.Run.Hosts {
		if h.Address != addresses[i] || h.Places != 1 || h.Cores == 0 || (h.Lost != "") != (h.Address == lost) {
			t.Errorf("host %d: %s", i, hosts)
		}
	}
	t.Logf("%d drills on %v, %d void", len(r.Drills), on, len(r.Voids))
}

// reapers are the processes that remove what a run has made.
func reapers(t *testing.T, v *victim) (pids []int, err error) {
	for pid, words := range processes(t, v.owner) {
		if strings.Contains(words, "reap") {
			pids = append(pids, pid)
		}
	}
	return pids, err
}
