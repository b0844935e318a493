package observe

import "github.com/pm2drill/pm2drill/harness/host"

// oomCount is the kernel's count of processes that it has killed for want of memory.
type oomCount struct {
	last  int
	begun bool
}

// look returns how many have been killed since the last look, 0 at the first and where the
// kernel does not count.
func (c *oomCount) look() int {
	n, err := host.OOMKills()
	if err != nil {
		return 0
	}
	more := n - c.last
	if !c.begun {
		more = 0
	}
	c.last, c.begun = n, true
	return more
}
