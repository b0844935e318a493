//go:build !linux

package node

import "syscall"

// newNamespaces returns the attributes of a process in namespaces of its own, which Linux
// alone has: of users, so that nobody needs to be root for the others; of networks, of
// which a new one has not even a loopback that is up; and of processes, which all end
// with their first. On another system the process has none, and Node's permission model
// and evaluate.js bound the file.
func newNamespaces() *syscall.SysProcAttr { return newOutside() }

// newOutside returns the attributes of a process without namespaces of its own, which on
// Linux ends with its parent.
func newOutside() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// limitProcess has the kernel of Linux limit a process: its time on the processor, its
// memory, and the files that it writes. It is too late for what Node does before it has
// read the file, and that is no harm. On another system no process can limit another one:
// Run's own bounds of time and output hold.
func limitProcess(int) {}
