//go:build !linux

package observer

import (
	"syscall"
	"time"
)

// changedAt is when a file or its inode was last changed.
func changedAt(info *syscall.Stat_t) time.Time { return time.Unix(info.Ctimespec.Unix()) }
