package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"golang.org/x/mod/semver"
)

// Host is the Node of this host. It bounds a file less than a container does:
//
//	writes, commands, threads, addons  Node's permission model
//	network, what is left running      namespaces, where the kernel gives them to everybody; else by evaluate.js alone
//	time, output, size of files        the kernel and this process
type Host struct {
	Version string // of Node, e.g. "26.10.0"
	command string
	pm2     string
	dir     string
}

// NewHost finds the Node at command ("node" for the one on PATH), which is to run in the
// directory.
func NewHost(ctx context.Context, command, dir string) (*Host, error) {
	path, err := exec.LookPath(command)
	if err != nil {
		return nil, fmt.Errorf("there is no Node at %s on this host: %w", command, err)
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	version := strings.TrimSpace(string(out))
	if err != nil || !semver.IsValid(version) {
		return nil, fmt.Errorf("%s is no Node: it says %.40q to --version", path, version)
	}
	if semver.Compare(version, "v20.0.0") < 0 {
		return nil, fmt.Errorf("%s is Node %s, which cannot keep a file from acting on the host: Node 20 or newer can", path, version)
	}
	h := &Host{Version: version[1:], command: path, dir: dir}
	if pm2, err := exec.LookPath("pm2"); err == nil {
		h.pm2 = pm2
	}
	return h, nil
}

// In is the same Node in another directory.
func (h *Host) In(dir string) *Host {
	out := *h
	out.dir = dir
	return &out
}

// Only is "": the whole host is there to be read.
func (h *Host) Only() string { return "" }

// PM2 is the pm2 on PATH.
func (h *Host) PM2() string { return h.pm2 }

// listConfinement returns the flags by which Node lets what it runs read and do nothing
// else (nodejs.org/api/permissions.html); they lost their prefix in 22.13 and 23.5.
func (h *Host) listConfinement() []string {
	flag := "--permission"
	if v := "v" + h.Version; semver.Compare(v, "v22.13.0") < 0 || semver.Major(v) == "v23" && semver.Compare(v, "v23.5.0") < 0 {
		flag = "--experimental-permission"
	}
	return []string{flag, "--allow-fs-read=*"}
}

// Run runs Node in namespaces of its own, or without them where the kernel has none for it.
func (h *Host) Run(ctx context.Context, args []string, stdin []byte) (End, error) {
	end, err := h.run(ctx, args, stdin, newNamespaces())
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.EACCES) {
		return h.run(ctx, args, stdin, newOutside())
	}
	return end, err
}

func (h *Host) run(ctx context.Context, args []string, stdin []byte, attr *syscall.SysProcAttr) (End, error) {
	late, stop := context.WithTimeout(ctx, Within)
	defer stop()
	cmd := exec.CommandContext(late, h.command, append(h.listConfinement(), args...)...)
	cmd.Args[0] = "node" // which process.argv0 is
	cmd.Dir, cmd.Env, cmd.Stdin = h.dir, []string{}, bytes.NewReader(stdin)
	attr.Setpgid = true
	cmd.SysProcAttr = attr
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	out := &bounded{most: MostOutput, full: stop}
	stderr := &bounded{most: MostOutput, full: stop}
	cmd.Stdout, cmd.Stderr = out, stderr
	if err := cmd.Start(); err != nil {
		return End{}, fmt.Errorf("cannot start %s: %w", h.command, err)
	}
	limitProcess(cmd.Process.Pid)
	err := cmd.Wait()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what it has left; mostly nothing
	if ctx.Err() != nil {
		return End{}, fmt.Errorf("cannot wait for %s: %w", h.command, ctx.Err())
	}
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) && late.Err() == nil {
		return End{}, fmt.Errorf("cannot run %s: %w", h.command, err)
	}
	end := End{Stdout: out.Bytes(), Stderr: cutTail(stderr.String()), Flooded: out.over || stderr.over}
	if s := cmd.ProcessState; s != nil {
		end.Code, end.Spent = s.ExitCode(), s.UserTime()+s.SystemTime()
	}
	end.Late = late.Err() != nil && !end.Flooded
	return end, nil
}

// bounded keeps what is written to it, and calls full when that is too much.
type bounded struct {
	bytes.Buffer
	most int
	over bool
	full func()
}

func (b *bounded) Write(p []byte) (int, error) {
	if room := b.most - b.Len(); len(p) > room {
		b.over = true
		b.full()
		return 0, io.ErrShortWrite
	}
	return b.Buffer.Write(p)
}

// cutTail returns the last 4096 bytes of a text.
func cutTail(s string) string { return s[max(0, len(s)-4096):] }
