package lint

import (
	"path/filepath"
	"regexp"
	"strings"
)

func t011() Rule {
	return Rule{
		ID: "T011", Severity: Error,
		Title:  "shutdown_with_message in cluster mode",
		Why:    "A reload renames the old worker before it stops it, and looks for it by its old name when it sends the message: none arrives, and SIGINT does. An app that waits for the message alone dies of the signal with its requests. `pm2 restart` does send it, so that trying it out shows nothing.",
		Fix:    "Handle SIGINT, also.",
		Source: "lib/God/Methods.js:222, lib/God/Reload.js:160",
		Apps: func(a App) []Finding {
			if !a.Plan.Cluster || !a.is("shutdown_with_message") {
				return nil
			}
			signal := a.of.Target.StopSignal()
			f := a.report("shutdown_with_message", "A reload sends no message, it sends %s.", signal).setFix("Handle %s, also.", signal)
			if a.handles(signal) {
				f = f.setSeverity(Info).setFix("Nothing, if the app ends itself as well on %s, which its script names.", signal)
			}
			return listOne(f)
		},
	}
}

// handles reports whether the app's script, or the source beside that it is built from,
// names the word.
func (a App) handles(word string) bool {
	if a.of.Disk == nil {
		return false
	}
	script := joinPath(a.findHome(), a.getScript())
	stem := strings.TrimSuffix(script, filepath.Ext(script))
	for _, at := range []string{stem, buildFolder.ReplaceAllString(stem, "/src/"), buildFolder.ReplaceAllString(stem, "/")} {
		for _, ext := range []string{".js", ".cjs", ".mjs", ".ts", ".mts"} {
			if text, ok := a.of.Disk.Head(at + ext); ok && strings.Contains(string(text), word) {
				return true
			}
		}
	}
	return false
}

// buildFolder is a folder in the path of a script that a compiler has written.
var buildFolder = regexp.MustCompile(`/(dist|build|out|lib)/(src/)?`)
