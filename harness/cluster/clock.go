package cluster

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
)

// clock reads the container kernel's CLOCK_MONOTONIC from here.
type clock struct {
	offset time.Duration // theirs minus ours; 0 when the kernel is the same
}

// Now is the record's clock: CLOCK_MONOTONIC of the kernel that runs the
// container. Where that is another machine's, it is off by at most half the
// round trip of one exec, a few tens of milliseconds.
func (c *Cluster) Now() time.Duration { return host.Now() + c.clock.offset }

// readClock finds out whether the container runs on this kernel, and if not how
// its clock differs.
func (c *Cluster) readClock(ctx context.Context) (clock, error) {
	before := host.Now()
	out, err := c.Exec(ctx, "sh", "-c", "cat /proc/sys/kernel/random/boot_id /proc/uptime")
	after := host.Now()
	if err != nil {
		return clock{}, fmt.Errorf("cannot read the container's clock: %w", err)
	}
	theirs, uptime, _ := strings.Cut(out.Stdout, "\n")
	ours, err := host.BootID()
	if err != nil {
		return clock{}, err
	}
	if theirs == ours {
		return clock{}, nil
	}
	// Uptime counts suspended time too, which a Docker host does not have.
	var seconds float64
	if _, err := fmt.Sscan(uptime, &seconds); err != nil {
		return clock{}, fmt.Errorf("cannot read the container's clock %q: %w", out.Stdout, err)
	}
	return clock{offset: time.Duration(seconds*float64(time.Second)) - (before+after)/2}, nil
}
