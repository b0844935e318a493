package observer

import (
	"syscall"
	"time"
)

// getChangeTime returns when a file or its inode was last changed.
func getChangeTime(info *syscall.Stat_t) time.Time { return time.Unix(info.Ctim.Unix()) }
