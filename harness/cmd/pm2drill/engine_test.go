package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
)

// dockerd is a Docker engine of a test's own, beside the one that everybody uses: it may
// be restarted. It needs root.
type dockerd struct {
	t      *testing.T
	dir    string   // sockets, images, containers
	launch []string // what comes before the command dockerd
	flags  []string // of it, besides the usual ones
	tidy   func()   // removes its network
	cmd    *exec.Cmd
}

// newDockerd starts an engine that has one image. It is taken down with the test.
func newDockerd(t *testing.T, image string) *dockerd {
	t.Helper()
	e := prepareDockerd(t)
	bridge := fmt.Sprintf("pm2d%d", os.Getpid())
	e.must("ip", "link", "add", bridge, "type", "bridge")
	e.tidy = func() { e.must("ip", "link", "del", bridge) }
	e.must("ip", "addr", "add", fmt.Sprintf("10.213.%d.1/24", os.Getpid()%256), "dev", bridge)
	e.must("ip", "link", "set", bridge, "up")
	e.flags = []string{"--bridge", bridge}
	e.start()
	load := exec.Command("sh", "-c", `docker save "$1" | DOCKER_HOST="$2" docker load`, "sh", image, e.host())
	if out, err := load.CombinedOutput(); err != nil {
		t.Fatalf("cannot load %s: %v: %s", image, err, out)
	}
	return e
}

// newHost starts an engine without images in a network namespace of its own, which this
// process reaches by a pair of devices: n, from 0 to 63, is different for each. It listens on
// TCP as well.
func newHost(t *testing.T, n int) (e *dockerd, tcp string) {
	t.Helper()
	e = prepareDockerd(t)
	space, device := fmt.Sprintf("pm2h%d-%d", os.Getpid(), n), fmt.Sprintf("pm2h%d-%d", os.Getpid()%10000, n)
	address := func(last int) string { return fmt.Sprintf("10.214.%d.%d", os.Getpid()%256, 4*n+last) }
	e.must("ip", "netns", "add", space)
	e.tidy = func() { e.must("ip", "netns", "del", space) } // the devices go with it
	e.must("ip", "link", "add", device, "type", "veth", "peer", "name", "up0", "netns", space)
	e.must("ip", "addr", "add", address(1)+"/30", "dev", device)
	e.must("ip", "link", "set", device, "up")
	e.must("ip", "-n", space, "addr", "add", address(2)+"/30", "dev", "up0")
	e.must("ip", "-n", space, "link", "set", "up0", "up")
	e.must("ip", "-n", space, "link", "set", "lo", "up")
	tcp = "tcp://" + address(2) + ":2375"
	e.launch = []string{"nsenter", "--net=/run/netns/" + space}
	e.flags = []string{"--host", tcp, "--tls=false", "--bip", "172.31.213.1/24"}
	e.start()
	return e, tcp
}

// prepareDockerd makes the folder of an engine that is to be taken down with the test.
func prepareDockerd(t *testing.T) *dockerd {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("an engine of its own needs root")
	}
	// Not t.TempDir: the paths of its sockets would be too long.
	dir, err := os.MkdirTemp("", "pm2drill-dockerd-*")
	if err != nil {
		t.Fatal(err)
	}
	e := &dockerd{t: t, dir: dir}
	t.Cleanup(e.remove)
	return e
}

// host is its address, as DOCKER_HOST has it.
func (e *dockerd) host() string { return "unix://" + filepath.Join(e.dir, "docker.sock") }

// start starts it and waits until it answers.
func (e *dockerd) start() {
	e.t.Helper()
	log, err := os.OpenFile(filepath.Join(e.dir, "log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		e.t.Fatal(err)
	}
	defer log.Close()
	words := slices.Concat(e.launch, []string{"dockerd", "--host", e.host(), "--data-root", filepath.Join(e.dir, "data"), "--exec-root", filepath.Join(e.dir, "exec"),
		"--pidfile", filepath.Join(e.dir, "pid"), "--iptables=false", "--ip6tables=false", "--ip-masq=false", "--userland-proxy=false"}, e.flags)
	e.cmd = exec.Command(words[0], words[1:]...)
	e.cmd.Stdout, e.cmd.Stderr = log, log
	e.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := e.cmd.Start(); err != nil {
		e.t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); e.docker("version") != nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			text, _ := os.ReadFile(filepath.Join(e.dir, "log"))
			e.t.Fatalf("the engine does not answer:\n%s", text)
		}
	}
}

// stop ends it by a signal and waits until it has ended. One that is killed takes its
// containerd with it, and leaves the files that say that both run.
func (e *dockerd) stop(s syscall.Signal) {
	e.t.Helper()
	if err := e.cmd.Process.Signal(s); err != nil {
		e.t.Fatal(err)
	}
	_ = e.cmd.Wait() // by the signal
	file := filepath.Join(e.dir, "exec", "containerd", "containerd.pid")
	if text, err := os.ReadFile(file); err == nil {
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		for end := time.Now().Add(10 * time.Second); err == nil && host.Alive(pid); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				e.t.Fatalf("containerd, process %d, has not ended with its dockerd", pid)
			}
		}
	}
	_, _ = os.Remove(file), os.Remove(filepath.Join(e.dir, "pid"))
}

func (e *dockerd) docker(args ...string) error {
	cmd := exec.Command("docker", args...)
	cmd.Env = append(os.Environ(), "DOCKER_HOST="+e.host())
	return cmd.Run()
}

func (e *dockerd) must(name string, args ...string) {
	e.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		e.t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

// remove takes it down, with what is left of its mounts, and its bridge.
func (e *dockerd) remove() {
	if e.cmd != nil && e.cmd.ProcessState == nil {
		e.stop(syscall.SIGTERM)
	}
	// Whatever it has not ended itself, which happens where a test fails.
	for pid, words := range processes(e.t, e.dir) {
		children, err := host.Children(pid)
		if err != nil && !errors.Is(err, host.ErrNoProcess) {
			e.t.Errorf("process %d, %s: %v", pid, words, err)
		}
		for _, child := range append(children, pid) {
			_ = syscall.Kill(child, syscall.SIGKILL) // it may have ended meanwhile
		}
	}
	for _, at := range mounts(e.dir) {
		if err := syscall.Unmount(at, syscall.MNT_DETACH); err != nil {
			e.t.Errorf("cannot unmount %s: %v", at, err)
		}
	}
	if e.tidy != nil {
		e.tidy()
	}
	if err := os.RemoveAll(e.dir); err != nil {
		e.t.Error(err)
	}
}

// mounts lists what is mounted within a folder, the innermost first.
func mounts(dir string) []string {
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil
	}
	var out []string
	for line := range strings.Lines(string(table)) {
		if f := strings.Fields(line); len(f) > 4 && strings.HasPrefix(f[4], dir+"/") {
			out = append(out, f[4])
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out
}

// owned lists what an engine has with a label, and of an engine of the test's own, all
// that it has.
func owned(ctx context.Context, host, label string) (string, error) {
	var found []string
	for _, list := range [][]string{
		{"ps", "-a", "--format", "container {{.ID}} {{.Image}} {{.Status}}"},
		{"network", "ls", "--format", "network {{.Name}}"},
		{"volume", "ls", "--format", "volume {{.Name}}"},
	} {
		if label != "" {
			list = append(list, "--filter", "label="+label)
		} else if list[0] == "network" {
			list = append(list, "--filter", "type=custom")
		}
		cmd := exec.CommandContext(ctx, "docker", list...)
		cmd.Env = append(os.Environ(), "DOCKER_HOST="+host)
		out, err := cmd.Output()
		if exit := new(exec.ExitError); errors.As(err, &exit) {
			return "", fmt.Errorf("docker %s: %w: %s", list[0], err, exit.Stderr)
		} else if err != nil {
			return "", err
		}
		found = append(found, strings.TrimSpace(string(out)))
	}
	return strings.TrimSpace(strings.Join(found, "\n")), nil
}
