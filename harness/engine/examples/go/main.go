// Command go is an example of an engine: it kills a worker whose process has been
// stopped (SIGSTOP) for three seconds, and PM2 starts another. Build it with
// CGO_ENABLED=0, so that it runs in any container.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type object = map[string]any

func say(line object) { _ = json.NewEncoder(os.Stdout).Encode(line) } // nobody who listens, nobody to tell

// stopped reports whether the kernel has the process in state T.
func stopped(pid int) bool {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // one that is gone is not stopped
	_, after, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(after, "T")
}

func heal(app string, pid int) {
	facts := object{
		"cause":     "stopped_process",
		"evidence":  []object{{"source": "proc", "text": fmt.Sprintf("pid %d is in state T", pid)}},
		"ruled_out": []object{{"cause": "stalled_event_loop", "fact": "it uses no CPU: it does not run"}},
	}
	with := func(line object) object {
		for k, v := range facts {
			line[k] = v
		}
		return line
	}
	say(with(object{"type": "detected"}))
	say(object{"type": "action", "action": "kill", "phase": "begin", "pid": pid})
	phase := "done"
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		phase = "failed"
	}
	say(object{"type": "action", "action": "kill", "phase": phase, "pid": pid})
	body, _ := json.Marshal(with(object{"status": "firing", "app": app, "confidence": 1, // it has a JSON form
		"workers": []object{{"pid": pid, "derived": "stopped"}},
		"human":   "find out who sends SIGSTOP to workers", "dedupe": "stopped_process/" + app}))
	if r, err := http.Post(os.Getenv("PM2DRILL_ALERT_URL"), "application/json", bytes.NewReader(body)); err == nil {
		r.Body.Close()
	}
}

func main() {
	app, since := os.Getenv("PM2DRILL_APP"), map[int]time.Time{}
	go func() { // it ends when its stdin does
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	say(object{"type": "ready", "engine": "go-example", "version": "1", "capabilities": []string{"detect", "alert"}})
	for now := range time.Tick(500 * time.Millisecond) {
		files, _ := filepath.Glob(filepath.Join(os.Getenv("PM2_HOME"), "pids", app+"-*.pid"))
		for _, file := range files {
			text, _ := os.ReadFile(file)
			pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
			first, known := since[pid]
			switch {
			case !stopped(pid):
				delete(since, pid)
			case !known:
				since[pid] = now
			case now.Sub(first) > 3*time.Second:
				delete(since, pid)
				heal(app, pid)
			}
		}
	}
}
