// Command go is an engine: it kills a worker that has been stopped (SIGSTOP) for
// three seconds, and PM2 starts another.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// look lists the workers that PM2's pid files name and its daemon has forked, and
// finds one that has been stopped for too long.
func look(home, app string, since map[int]time.Time) (table []string, sick string, pid int) {
	files, _ := filepath.Glob(buildPIDFile(home, app, "*"))
	for _, file := range files {
		id := strings.TrimSuffix(file[len(buildPIDFile(home, app, ""))-len(".pid"):], ".pid")
		p, err := strconv.Atoi(read(file))
		status := read(fmt.Sprintf("/proc/%d/status", p))
		if _, other := strconv.Atoi(id); other != nil || err != nil || !strings.Contains(status, "\nPPid:\t"+read(home+"/pm2.pid")+"\n") {
			continue
		}
		_, state, _ := strings.Cut(status, "\nState:\t")
		table = append(table, fmt.Sprintf(`{"id":%s,"pid":%d,"derived":"state %.1s"}`, id, p, state))
		if first, seen := since[p]; state[0] != 'T' {
			delete(since, p)
		} else if !seen {
			since[p] = time.Now()
		} else if time.Since(first) > 3*time.Second {
			sick, pid = id, p
		}
	}
	return table, sick, pid
}

func buildPIDFile(home, app, id string) string {
	return home + "/pids/" + regexp.MustCompile(`[^a-zA-Z0-9.-]`).ReplaceAllString(app, "-") + "-" + id + ".pid"
}

func read(file string) string {
	b, _ := os.ReadFile(file)
	return strings.TrimSpace(string(b))
}

func sendRequest(method, url, body string) bool {
	req, _ := http.NewRequest(method, url, strings.NewReader(body))
	res, err := (&http.Client{Timeout: 2 * time.Second}).Do(req)
	return err == nil && res.Body.Close() == nil && res.StatusCode < http.StatusInternalServerError
}

func main() {
	home, app, health, alerts := os.Getenv("PM2_HOME"), os.Getenv("ENGINE_APP"), os.Getenv("ENGINE_URL"), os.Getenv("ENGINE_ALERT_URL")
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); os.Exit(0) }()
	fmt.Println(`{"type":"ready","engine":"example-go","version":"1","capabilities":["detect","alert"]}`)
	for since := map[int]time.Time{}; ; time.Sleep(time.Second / 2) {
		table, id, pid := look(home, app, since)
		if pid == 0 {
			continue
		}
		why := fmt.Sprintf(`"cause":"stopped_process","evidence":[{"source":"proc","text":"pid %d has been in state T for 3 s"},{"source":"probe","text":"healthy: %t"}],`+
			`"ruled_out":[{"cause":"stalled_event_loop","fact":"such a worker runs; this one is in state T"}]`, pid, sendRequest("GET", health, ""))
		action := fmt.Sprintf(`{"type":"action","action":"kill","id":%s,"pid":%d,"phase":`, id, pid)
		fmt.Printf(`{"type":"detected",%s}`+"\n%s\"begin\"}\n", why, action)
		result := map[bool]string{true: "done", false: "failed"}[syscall.Kill(pid, syscall.SIGKILL) == nil]
		fmt.Printf("%s%q}\n", action, result)
		alert := fmt.Sprintf(`"engine":"example-go","app":%q,%s,"confidence":0.98,"workers":[%s],"human":"find out who sent SIGSTOP to worker %s","dedupe":"%[1]s stopped_process %[4]s"}`,
			app, why, strings.Join(table, ","), id)
		sendRequest("POST", alerts, `{"status":"firing",`+alert)
		time.Sleep(3 * time.Second) // PM2 starts another, which boots
		if now := read(buildPIDFile(home, app, id)); now != "" && now != strconv.Itoa(pid) && sendRequest("GET", health, "") {
			fmt.Println(`{"type":"verified","cause":"stopped_process","by":["pid file","probe"]}`)
			sendRequest("POST", alerts, `{"status":"resolved",`+alert)
		}
	}
}
