//go:build !linux

package node

import "syscall"

// namespaces are Linux's alone: Node's permission model and evaluate.js bound the file here.
func namespaces() *syscall.SysProcAttr { return outside() }

// outside is a process without namespaces of its own.
func outside() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// limit has no effect here: no process can limit another one. Run's own bounds of time and
// output hold.
func limit(int) {}
