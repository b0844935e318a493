// Package host reads what this machine's kernel says: processes, sockets and
// the clock. It knows nothing of PM2. On other kernels than Linux it compiles, and all but
// files and the clock is an error.
package host

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Now is CLOCK_MONOTONIC: the time since the kernel booted. Every process on
// the kernel reads the same clock, in or out of a container, and so does Node's
// process.hrtime.
func Now() time.Duration {
	var ts unix.Timespec
	// It cannot fail: the clock exists on every Linux and ts is a valid address.
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return time.Duration(ts.Nano())
}

// BootID identifies the running kernel: two processes that read the same one
// share a clock.
func BootID() (string, error) {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("cannot read the boot id: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}
