package rehearsal

import (
	"strings"

	"github.com/pm2drill/pm2drill/harness/lint"
)

// mostContext is how many unchanged lines a patch shows around a change, as diff -u does.
const mostContext = 3

// Patch is the change of the file name, as `git apply` takes it in the file's folder. It
// shows as many lines around each change as discloses says that it may, and at least one:
// git apply refuses a patch without. It is "" where not even that is possible, or nothing
// has changed.
//
// before is nil of a new file.
func Patch(name string, before, after []byte, discloses func(patch string) bool) (string, error) {
	for around := mostContext; around > 0; around-- {
		patch, err := lint.Patch(name, before, after, around)
		if _, lines, ok := strings.Cut(patch, "\n"); ok && before == nil {
			patch = "--- /dev/null\n" + lines
		}
		if err != nil || !discloses(patch) {
			return patch, err
		}
	}
	return "", nil
}
