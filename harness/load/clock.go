package load

import (
	"time"

	"golang.org/x/sys/unix"
)

// now is CLOCK_MONOTONIC, the record's clock. Every process on the kernel, in a
// container or not, reads the same one.
func now() time.Duration {
	var ts unix.Timespec
	// It cannot fail: the clock exists on every Linux and ts is a valid address.
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return time.Duration(ts.Nano())
}
