package lint

import (
	"io"
	"os"
)

// Head returns the first bytes of a file, 4096 at most; none of what is no regular
// file, so that a pipe or a device holds nothing up.
func (Host) Head(name string) (head []byte, ok bool) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, false
	}
	if !info.Mode().IsRegular() {
		return nil, true
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	head, err = io.ReadAll(io.LimitReader(f, 4096))
	return head, err == nil
}
