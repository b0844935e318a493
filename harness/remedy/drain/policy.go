package drain

import (
	"errors"
	"fmt"
	"strings"
)

// Policy says where a process's inspector may be opened. Whoever reaches an open
// inspector controls the process: it knows no password, and listens on the
// loopback, where users are not told apart.
type Policy string

// The policies. The zero Policy is Private.
const (
	// Never: the inspector is not used.
	Never Policy = "never"
	// Private: it is opened only where /proc and the kernel's socket table show
	// nobody in the network namespace but root and the process's own user
	// (host.Strangers). On a host with other users, or where they may be hidden,
	// that is nowhere. In a container it cannot be seen whether a process of another
	// user has joined the network namespace alone, from a container beside, and
	// holds no TCP socket yet: where that can happen, use Never.
	Private Policy = "private"
	// Always: it is opened also where other users can reach it meanwhile.
	Always Policy = "always"
)

// UnmarshalText reads a policy by its name.
func (p *Policy) UnmarshalText(b []byte) error {
	switch v := Policy(b); v {
	case Never, Private, Always:
		*p = v
		return nil
	}
	return fmt.Errorf("%q is not a policy: give %s, %s or %s", b, Never, Private, Always)
}

// MarshalText writes its name.
func (p Policy) MarshalText() ([]byte, error) { return []byte(p), nil }

// maxNamed bounds how many strangers are named.
const maxNamed = 3

// permit returns an error where the policy forbids to open the process's inspector.
func (d Drainer) permit(pid int) error {
	switch d.Inspector {
	case Always:
		return nil
	case Never:
		return errors.New("the policy is " + string(Never))
	}
	who, err := d.Kernel.Strangers(pid)
	if err != nil {
		return fmt.Errorf("the policy is %s, and it cannot be seen who else could reach it: %w", Private, err)
	}
	if len(who) > 0 {
		more := ""
		if len(who) > maxNamed {
			more = fmt.Sprintf(" and %d more", len(who)-maxNamed)
			who = who[:maxNamed]
		}
		return fmt.Errorf("the policy is %s, and %s%s could reach it", Private, strings.Join(who, ", "), more)
	}
	return nil
}
