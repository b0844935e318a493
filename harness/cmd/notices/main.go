// Command notices prints the third-party notices of pm2drill: every Go module
// that is linked into the binary, with its version and the full text of its
// licences. Modules that only tests and tools use are not linked, and are left
// out.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
)

const program = "github.com/pm2drill/pm2drill/harness/cmd/pm2drill"

func main() {
	out := bufio.NewWriter(os.Stdout)
	err := writeNotices(out)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "notices:", err)
		os.Exit(70)
	}
}

// writeNotices writes THIRD_PARTY.md. It writes nothing if a module has no licence,
// or one that is not accepted.
func writeNotices(w io.Writer) error {
	modules, err := listLinked(program)
	if err != nil {
		return err
	}
	known, err := newClassifier()
	if err != nil {
		return err
	}
	for i := range modules {
		if err := modules[i].readLicences(known); err != nil {
			return err
		}
	}
	return render(w, modules)
}
