package host

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
)

// Space is a pid namespace: this process's own, or one below it. Its processes have two
// numbers, an outer one in this process's namespace and an inner one in theirs. It may be
// used by several goroutines.
type Space struct {
	init  int    // outer pid of its first process; 0 for this process's own namespace
	link  string // what /proc/PID/ns/pid of its processes reads
	level int    // how deep it is: which of the numbers of NSpid is the inner one

	mu    sync.Mutex
	inner map[int]int // of each outer pid of the namespace that was seen; it outlives its process
}

// Here is this process's own pid namespace, in which both numbers are the same.
func Here() *Space { return &Space{} }

// Inside is the pid namespace of another process, and its files. It needs a /proc of this
// pid namespace and the right to look into the process (CAP_SYS_PTRACE for other users').
func Inside(init int) (*Space, error) {
	link, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", init))
	if err != nil {
		return nil, fmt.Errorf("cannot look into the pid namespace of process %d: %w", init, err)
	}
	numbers, err := readNumbers(init)
	if err != nil {
		return nil, err
	}
	return &Space{init: init, link: link, level: len(numbers) - 1, inner: map[int]int{}}, nil
}

// readNumbers returns the pids of a process in the namespaces that it is in, from this
// process's inwards: NSpid of /proc/PID/status.
func readNumbers(pid int) ([]int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return nil, wrapReadError(pid, err)
	}
	for line := range strings.Lines(string(b)) {
		if numbers, ok := strings.CutPrefix(line, "NSpid:"); ok {
			return parseInts(numbers)
		}
	}
	return nil, fmt.Errorf("cannot read process %d: this kernel tells no NSpid", pid)
}

// Path is where a file of the namespace's first process is for this one.
func (s *Space) Path(name string) string {
	if s.init == 0 {
		return name
	}
	return "/proc/" + strconv.Itoa(s.init) + "/root" + name
}

// Inner is the number that the namespace has for a process, 0 if it is not of it or gone.
func (s *Space) Inner(outer int) int {
	if s.init == 0 {
		return outer
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.look(outer)
}

// look finds the inner number of a process. That of one that has gone is remembered.
func (s *Space) look(outer int) int {
	link, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", outer))
	if err != nil {
		return s.inner[outer] // it has gone, or is none of ours
	}
	delete(s.inner, outer) // the kernel uses pids again
	if numbers, err := readNumbers(outer); err == nil && link == s.link && len(numbers) == s.level+1 {
		s.inner[outer] = numbers[s.level]
	}
	return s.inner[outer]
}

// Outer is the number that this process's namespace has for a live process of the other, 0
// if there is none.
func (s *Space) Outer(inner int) int {
	if s.init == 0 || inner <= 0 {
		return inner
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for outer, known := range s.inner {
		if known == inner && Alive(outer) && s.look(outer) == inner {
			return outer
		}
	}
	for _, outer := range s.scan() {
		if s.inner[outer] == inner {
			return outer
		}
	}
	return 0
}

// Processes lists the live processes of the namespace by their outer numbers, in no order.
func (s *Space) Processes() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.scan()
}

// scan looks at every process there is.
func (s *Space) scan() []int {
	pids, _ := listAll() // without a /proc nothing can be seen
	if s.init == 0 {
		return pids
	}
	var ours []int
	for _, pid := range pids {
		if s.look(pid) != 0 {
			ours = append(ours, pid)
		}
	}
	return ours
}
