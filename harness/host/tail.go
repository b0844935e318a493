package host

import (
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Tail is the end of a file, at most n bytes of it, and what the file is: one that is
// larger has lost its beginning. Anything but a regular file is an error, and is not
// opened: a pipe would be waited for.
func Tail(name string, n int64) ([]byte, fs.FileInfo, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s is no regular file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, max(0, info.Size()-n), n))
	return text, info, err
}
