package capture

import (
	"path"
	"strings"
)

// Part is a kind of what an archive holds.
type Part struct {
	What     string
	Files    int
	Bytes    int
	Redacted int // secrets that were taken out
}

// Parts sums a manifest's files up by what they are, in the order in which they are read.
func (m Manifest) Parts() []Part {
	var parts []Part
	at := map[string]int{}
	for _, f := range m.Files {
		what := kind(f.Name)
		i, ok := at[what]
		if !ok {
			i = len(parts)
			at[what], parts = i, append(parts, Part{What: what})
		}
		parts[i].Files++
		parts[i].Bytes += f.Bytes
		parts[i].Redacted += f.Redacted
	}
	return parts
}

// kind says what a file of an archive is.
func kind(name string) string {
	switch name {
	case fileProcesses:
		return "PM2's list of processes"
	case fileTrace:
		return "what the engine saw"
	case fileDump:
		return "PM2's dump"
	case filePM2Log:
		return "the end of PM2's log"
	case fileSockets:
		return "who listens on the port"
	}
	switch dir := path.Dir(name); {
	case dir == dirLogs && strings.HasSuffix(name, "-err.log"):
		return "the ends of the app's error logs"
	case dir == dirLogs:
		return "the ends of the app's output logs"
	case dir == dirLimits:
		return "limits of processes"
	}
	return "ecosystem files"
}
