package config

import (
	"os"
	"time"
)

// Watch tells when a file has changed: its content, or what its name leads to.
type Watch struct {
	name string
	last look
	gone int // looks in a row that have not found it
}

// look is what a file was like.
type look struct {
	there bool
	info  os.FileInfo
	size  int64
	at    time.Time
}

// NewWatch watches a file from now on.
func NewWatch(name string) *Watch { return &Watch{name: name, last: lookAt(name)} }

// Changed reports whether the file has changed since the last call. One that is gone has, once, at
// the second call that does not find it: at the first, an editor may be about to put another in
// its place.
func (w *Watch) Changed() bool {
	now, was := lookAt(w.name), w.last
	if !now.there {
		if w.gone++; w.gone == 2 {
			w.last = now
			return true
		}
		return false
	}
	w.last, w.gone = now, 0
	return !was.there || was.size != now.size || !was.at.Equal(now.at) || !os.SameFile(was.info, now.info)
}

func lookAt(name string) look {
	info, err := os.Stat(name)
	if err != nil {
		return look{}
	}
	return look{true, info, info.Size(), info.ModTime()}
}
