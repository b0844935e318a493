package capture

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// Schema names the form of an archive.
const Schema = "pm2drill/capture/1"

// Manifest says what an archive holds.
type Manifest struct {
	Schema string    `json:"schema"`
	Taken  time.Time `json:"taken"`
	By     string    `json:"by"` // version of pm2drill
	App    string    `json:"app"`
	// Namespace is PM2's of the app; "" where it was not named, and only one has such an app.
	Namespace string `json:"namespace,omitempty"`
	URL       string `json:"url"` // without userinfo and query; "" of an app that serves no network
	PM2       string `json:"pm2"`
	Node      string `json:"node"` // of the app's workers, "" if none has said
	Kernel    string `json:"kernel"`
	Cores     int    `json:"cores"`
	// Watched is how long the engine has looked, in nanoseconds; 0 of an older archive.
	Watched time.Duration `json:"watched"`
	// Health is how each worker has answered the health URL in the end; nil of an older archive,
	// and without a URL.
	Health   []Health `json:"health,omitempty"`
	Files    []File   `json:"files"`
	Missing  []string `json:"missing,omitempty"`  // what could not be read, and why
	Left     []Left   `json:"left_out,omitempty"` // what was left out, and why
	Redacted bool     `json:"redacted"`           // false of an archive that an older version was told to keep secrets in
}

// has reports whether a row of PM2's list is of the app.
func (m Manifest) has(p pm2.Process) bool {
	return p.Name == m.App && (m.Namespace == "" || p.Namespace == m.Namespace)
}

// Left is something that an archive does not hold.
type Left struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// File is one file of an archive.
type File struct {
	Name     string `json:"name"`
	Bytes    int    `json:"bytes"`
	Redacted int    `json:"redacted"` // secrets that were taken out
}

// Names of an archive's files.
const (
	fileManifest  = "manifest.json"
	fileProcesses = "processes.json"
	fileTrace     = "trace.jsonl"
	fileDump      = "dump.json"
	fileSettings  = "settings.json"
	filePM2Log    = "pm2.log"
	fileSockets   = "sockets.json"
	dirLogs       = "logs"
	dirLimits     = "limits"
	dirConfig     = "config"
)
