package host

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"time"
)

// WithVariable lists the processes that were started with a variable in their
// environment, and its value in each. Children inherit it, whatever session they make.
// Those whose environment may not be read, as those of other users, are not among them.
func WithVariable(name string) (map[int]string, error) {
	pids, err := listAll()
	if err != nil {
		return nil, err
	}
	out := map[int]string{}
	for _, pid := range pids {
		env, err := readEnviron(pid)
		if err != nil {
			continue // gone, or somebody else's
		}
		for v := range bytes.SplitSeq(env, []byte{0}) {
			if value, ok := bytes.CutPrefix(v, []byte(name+"=")); ok && Alive(pid) {
				out[pid] = string(value)
			}
		}
	}
	return out, nil
}

// execTime is how long readEnviron waits for a process between two programs, and so for one
// that was given an empty environment.
const execTime = 100 * time.Millisecond

// readEnviron reads the environment that a process was started with. Amid an exec the kernel
// shows the new program without an environment for a moment (from exec_mmap in fs/exec.c to
// the end of create_elf_tables in fs/binfmt_elf.c): that one is read again until it has one.
func readEnviron(pid int) ([]byte, error) {
	for since := time.Now(); ; runtime.Gosched() {
		env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if err != nil || len(env) > 0 || !hasMemory(pid) || time.Since(since) > execTime {
			return env, err
		}
	}
}

// hasMemory reports whether a process has memory of its own, which kernel threads and zombies
// have not: the first number of /proc/PID/statm is their size in pages (proc(5)).
func hasMemory(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	return err == nil && !bytes.HasPrefix(b, []byte("0 "))
}
