package observe

import (
	"fmt"
	"testing"
	"time"
)

// TestHold: a server that a process was connected to is lost from the first look at which it is
// not any more, until it is connected again; one that it never had is not.
func TestHold(t *testing.T) {
	k := &known{pid: 7}
	for i, look := range []struct {
		now  []string
		want string
	}{
		{nil, "[] []"},
		{[]string{"a:1", "b:2"}, "[a:1 b:2] []"},
		{[]string{"b:2"}, "[b:2] [{a:1 2s}]"},
		{[]string{"b:2"}, "[b:2] [{a:1 2s}]"},
		{nil, "[] [{a:1 2s} {b:2 4s}]"},
		{[]string{"a:1"}, "[a:1] [{b:2 4s}]"},
	} {
		now := map[string]bool{}
		for _, address := range look.now {
			now[address] = true
		}
		k.hold(time.Duration(i)*time.Second, now)
		holds, lost := k.listServers()
		if got := fmt.Sprint(holds, " ", lost); got != look.want {
			t.Errorf("look %d: %s, want %s", i, got, look.want)
		}
	}
}
