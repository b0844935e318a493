package observer

import (
	"encoding/json"
	"errors"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Release is what a worker of a fixture is told to run (fixtures/node-apps/lib/drilled.js,
// hear).
type Release struct {
	Number int               `json:"run"`             // of the app in the bundle
	Name   string            `json:"release"`         // current, next or candidate
	First  bool              `json:"first"`           // the worker starts with it for the first time
	Paths  map[string]string `json:"paths"`           // path of a request -> the name that the code has for it
	Words  string            `json:"words,omitempty"` // how an error of a server's client is worded; "" for that client's words
}

// asks is the phase of a line by which a worker asks what to run.
const asks = "asks"

// tells answers a worker that asks. One of which nobody knows the release hears nothing.
func (j *journal) tells(fd int, s evidence.Served) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	release, known := j.releases[s.ID]
	if !known {
		return nil
	}
	start := s.ID + " " + s.Worker
	release.First = !j.started[start]
	j.started[start] = true
	text, err := json.Marshal(release)
	if err == nil {
		_, err = unix.Write(fd, append(text, '\n')) // of a few hundred bytes, for which an empty socket has room
	}
	if errors.Is(err, unix.EPIPE) || errors.Is(err, unix.ECONNRESET) {
		return nil // it has gone
	}
	return err
}
