package host

import (
	"bytes"
	"fmt"
	"os"
)

// WithVariable lists the processes that were started with a variable in their
// environment, and its value in each. Children inherit it, whatever session they make.
// Those whose environment may not be read, as those of other users, are not among them.
func WithVariable(name string) (map[int]string, error) {
	pids, err := all()
	if err != nil {
		return nil, err
	}
	out := map[int]string{}
	for _, pid := range pids {
		env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if err != nil {
			continue // gone, or somebody else's
		}
		for v := range bytes.SplitSeq(env, []byte{0}) {
			if value, ok := bytes.CutPrefix(v, []byte(name+"=")); ok && Alive(pid) {
				out[pid] = string(value)
			}
		}
	}
	return out, nil
}
