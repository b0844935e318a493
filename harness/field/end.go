package field

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// isInFolder reports whether a process was started in a folder: its environment has it as
// PM2_HOME, or its title names it, as that of PM2's daemon does.
func isInFolder(proc, dir string) bool {
	environ, _ := os.ReadFile(filepath.Join(proc, "environ"))
	title, _ := os.ReadFile(filepath.Join(proc, "cmdline"))
	return bytes.Contains(environ, []byte("PM2_HOME="+dir+"/")) || bytes.Contains(title, []byte("("+dir+"/pm2)"))
}

// endProcesses kills all processes of an arm, and returns when none is left.
func endProcesses(dir string) error {
	for deadline := time.Now().Add(10 * time.Second); ; {
		procs, err := filepath.Glob("/proc/[0-9]*")
		if err != nil {
			return err
		}
		left := 0
		for _, proc := range procs {
			if !isInFolder(proc, dir) {
				continue
			}
			pid, err := strconv.Atoi(filepath.Base(proc))
			if err != nil || pid == os.Getpid() {
				continue
			}
			left++
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("cannot end process %d: %w", pid, err)
			}
		}
		if left == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("cannot end %s: %d processes are left", dir, left)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// reap is the last resort: it kills and removes all of a run when its stdin ends, which
// it does however the test ends.
const reap = `trap '' INT TERM HUP
read -r _
while :; do
  left=
  for p in /proc/[0-9]*; do
    if grep -qsz "^PM2_HOME=$1/" "$p/environ" || grep -qsz "($1/" "$p/cmdline"; then
      kill -KILL "${p#/proc/}" && left=1
    fi
  done 2>/dev/null
  [ -n "$left" ] || break
done
rm -rf "$1"`

// Guard starts a process that removes all that runs in dir, and dir, once the returned
// function is called or this process has ended.
func Guard(dir string) (release func() error, err error) {
	cmd := exec.Command("sh", "-c", reap, "sh", dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot guard %s: %w", dir, err)
	}
	return func() error {
		stdin.Close()
		return cmd.Wait()
	}, nil
}
