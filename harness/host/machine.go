package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Machine identifies this machine or container over its restarts, by its machine id and
// its name: of machines that came of one image the name differs. It is "" where there is
// no machine id.
func Machine() (string, error) {
	text, err := os.ReadFile("/etc/machine-id")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("cannot read the machine id: %w", err)
	}
	id := strings.TrimSpace(string(text))
	if id == "" {
		return "", nil
	}
	name, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("cannot read the machine's name: %w", err)
	}
	return id + " " + name, nil
}
