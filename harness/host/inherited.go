package host

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// DropInherited closes what this process has inherited besides its standard streams, such as
// the lock file of a shell far above it. What Go has opened by itself is closed on exec, by
// which the two are told apart.
func DropInherited() error {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return fmt.Errorf("cannot list this process's files: %w", err)
	}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil || fd <= 2 {
			continue
		}
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err != nil || flags&unix.FD_CLOEXEC != 0 {
			continue // the listing's own, or Go's
		}
		if err := unix.Close(fd); err != nil {
			return fmt.Errorf("cannot close file %d: %w", fd, err)
		}
	}
	return nil
}
