package lint

import (
	"bytes"
	"path/filepath"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// runtime reports whether PM2 runs in the foreground: by --target runtime, or because
// the Dockerfile of the project calls it. why says which, for people.
func (s *Subject) runtime() (why string, ok bool) {
	switch {
	case s.Target.Route == ecosystem.Runtime:
		return "with --target runtime", true
	case s.Target.Route == "" && s.dockerfile(foregrounds...):
		return "the Dockerfile calls pm2-runtime", true
	}
	return "", false
}

// sure makes a warning of an error of runtime that the Dockerfile alone speaks for: it may
// start another file.
func (s *Subject) sure(f Finding) Finding {
	if s.Target.Route == ecosystem.Runtime {
		return f
	}
	return f.as(Warning)
}

// contained reports whether PM2 runs in a container, as runtime does.
func (s *Subject) contained() bool {
	return s.Target.Route == ecosystem.Runtime || s.Target.Route == "" && s.dockerfile("pm2")
}

// foregrounds are commands with which PM2 stays in the foreground.
var foregrounds = []string{"pm2-runtime", "pm2-docker", "--no-daemon"}

// dockerfile reports whether the Dockerfile beside the file, or at the project's root,
// has one of the words in its first bytes.
func (s *Subject) dockerfile(words ...string) bool {
	if s.Disk == nil {
		return false
	}
	for _, dir := range []string{s.dir(), root(s)} {
		head, ok := s.Disk.Head(filepath.Join(dir, "Dockerfile"))
		for _, word := range words {
			if ok && bytes.Contains(head, []byte(word)) {
				return true
			}
		}
	}
	return false
}
