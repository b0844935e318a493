package lint

import (
	"io"
	"os"
	"slices"
)

// Names are the names of what is in a directory, 1000 at most, in order; none if there is
// no such directory.
func (Host) Names(dir string) []string {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	names, err := f.Readdirnames(1000)
	if err != nil {
		return nil
	}
	slices.Sort(names)
	return names
}

// headSize is how much of a file is read, in bytes: a package.json with many commands is
// longer than a page.
const headSize = 64 << 10

// Head returns the first bytes of a file, headSize at most; none of what is no regular
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
	head, err = io.ReadAll(io.LimitReader(f, headSize))
	return head, err == nil
}
