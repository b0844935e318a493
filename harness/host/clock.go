// Package host reads what this machine's kernel says: processes, sockets and
// the clock. It knows nothing of PM2. Linux only.
package host

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
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

// Machine identifies this machine or container over its restarts, by its machine id and
// its name: of machines that came of one image the name differs. It is "" where there is
// no machine id.
func Machine() (string, error) {
	id, err := os.ReadFile("/etc/machine-id")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("cannot read the machine id: %w", err)
	}
	name, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("cannot read the machine's name: %w", err)
	}
	if len(bytes.TrimSpace(id)) == 0 {
		return "", nil
	}
	return strings.TrimSpace(string(id)) + " " + name, nil
}
