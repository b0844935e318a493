package sandbox

import "syscall"

// endWithParent has the kernel kill a child whose parent has ended.
func endWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
