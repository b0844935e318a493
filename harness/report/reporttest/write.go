package reporttest

import (
	"os"
	"path/filepath"
	"testing"
)

// CheckFiles fails the test unless the folder has exactly these files and those that they stand for.
func CheckFiles(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Size() == 0 || info.Mode().Perm() != 0o644 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
}
