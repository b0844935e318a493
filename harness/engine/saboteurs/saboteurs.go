// Package saboteurs has engines that are wrong on purpose, each in a way of its
// own. A gate that passes one of them is no gate. A few others are right in a way that few
// are (names-only-..., acts-slowly, restarts-by-name): a gate that fails one of them is none either.
package saboteurs

import (
	"embed"
	"io/fs"
)

//go:embed *.sh
var files embed.FS

// Files is the folder that an engine's command is run in: `sh ./NAME.sh`.
func Files() fs.FS { return files }
