package capture

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// tail is how much of a log's end is taken, in bytes.
const tail = 64 << 10

// maxDump bounds PM2's dump, in bytes.
const maxDump = 16 << 20

// takeProcesses takes PM2's list, which has no values of variables in it.
func (t *taker) takeProcesses(ctx context.Context) []pm2.Process {
	client, err := pm2.Dial(ctx, t.cfg.Home)
	if err != nil {
		t.noteMissing(fileProcesses, err)
		return nil
	}
	defer client.Close()
	rows, err := client.List(ctx)
	if err == nil {
		t.Manifest.PM2, err = client.Version(ctx)
	}
	if err != nil {
		t.noteMissing(fileProcesses, err)
		return rows
	}
	for _, p := range rows {
		if t.Manifest.has(p) && p.NodeVersion != "" {
			t.Manifest.Node = p.NodeVersion
		}
	}
	t.addJSON(fileProcesses, rows)
	if list, err := client.Rows(ctx); err != nil {
		t.noteMissing(fileSettings, err)
	} else {
		t.veil.LearnHost(t.cfg.Home, list)
		t.settings = list
	}
	return rows
}

// takeDaemon takes what belongs to PM2's daemon: its log, its dump and its limits.
func (t *taker) takeDaemon() {
	t.takeLogTail(filePM2Log, filepath.Join(t.cfg.Home, "pm2.log"))
	if raw, err := host.ReadFile(filepath.Join(t.cfg.Home, "dump.pm2"), maxDump); err != nil {
		t.noteMissing(fileDump, err)
	} else if text, err := (reducer{t.veil}).reduceApps(raw); err != nil {
		t.noteMissing(fileDump, err)
	} else {
		t.add(fileDump, text)
	}
	if text, err := (reducer{t.veil}).reduceRows(t.settings, t.Manifest); t.settings != nil && err != nil {
		t.noteMissing(fileSettings, err)
	} else if t.settings != nil {
		t.add(fileSettings, text)
	}
	if pid, err := pm2.DaemonPID(t.cfg.Home); err != nil {
		t.noteMissing("limits of the daemon", err)
	} else {
		t.takeLimits(pid)
	}
}

// takeWorker takes a worker's logs and limits.
func (t *taker) takeWorker(p pm2.Process) {
	t.takeLogTail(path.Join(dirLogs, fmt.Sprintf("%d-out.log", p.ID)), p.OutLog)
	t.takeLogTail(path.Join(dirLogs, fmt.Sprintf("%d-err.log", p.ID)), p.ErrLog)
	if p.PID > 0 && host.Alive(p.PID) {
		t.takeLimits(p.PID)
	}
}

func (t *taker) takeLimits(pid int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		t.noteMissing(fmt.Sprintf("limits of %d", pid), err)
		return
	}
	t.add(path.Join(dirLimits, strconv.Itoa(pid)+".txt"), text)
}

// takeLogTail takes the end of a log, from the beginning of a line.
func (t *taker) takeLogTail(as, name string) {
	text, info, err := host.Tail(name, tail)
	if err != nil {
		t.noteMissing(as, err)
		return
	}
	if _, after, ok := bytes.Cut(text, []byte("\n")); ok && info.Size() > tail {
		text = after
	}
	t.add(as, text)
}

// takeSockets takes the sockets that listen on the app's port.
func (t *taker) takeSockets(rows []pm2.Process) {
	port, err := t.findPort()
	switch {
	case err != nil:
		t.noteMissing(fileSockets, err)
		return
	case port == 0:
		t.leave(fileSockets, "without a health URL nothing tells the app's port")
		return
	}
	var likely []int
	for _, p := range rows {
		likely = append(likely, p.PID)
	}
	found, err := host.Listeners(port, likely...)
	if err != nil {
		t.noteMissing(fileSockets, err)
		return
	}
	t.addJSON(fileSockets, found)
}

func countCores() int {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return 0
	}
	return bytes.Count(text, []byte("\nprocessor")) + 1
}

func readKernel() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Release[:])
}
