package observer

import (
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Release is what a worker of a fixture is told to run (fixtures/node-apps/lib/drilled.js,
// hear).
type Release struct {
	App    byte              `json:"app"`             // its number in the bundle
	Number byte              `json:"release"`         // 0 is the current one, 1 next, 2 candidate
	Paths  map[string]string `json:"paths"`           // SHA-256 of a request's path, in hex -> the name that the code has for it
	Words  string            `json:"words,omitempty"` // how an error of a server's client is worded; "" for that client's words
}

// encode returns what a worker is sent: the app, the release, and 1 if the worker has not
// started with it before, a byte each; then the paths and the words as a JSON list, and a
// line feed.
func (r Release) encode(first bool) ([]byte, error) {
	text := []byte{r.App, r.Number, 0}
	if first {
		text[2] = 1
	}
	told, err := json.Marshal([]any{r.Paths, r.Words})
	if err != nil {
		return nil, fmt.Errorf("cannot say what a worker is to run: %w", err)
	}
	return append(append(text, told...), '\n'), nil
}

// asks is the phase of a line by which a worker asks what to run.
const asks = "asks"

// answerWorker answers a worker that asks. One whose release is not known is sent
// nothing.
func (j *journal) answerWorker(fd int, s evidence.Served) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	release, known := j.releases[s.ID]
	if !known {
		return nil
	}
	start := s.ID + " " + s.Worker
	text, err := release.encode(!j.started[start])
	if err == nil {
		_, err = unix.Write(fd, text) // of a few thousand bytes, for which an empty socket has room
	}
	j.started[start] = true
	if errors.Is(err, unix.EPIPE) || errors.Is(err, unix.ECONNRESET) {
		return nil // it has gone
	}
	return err
}
