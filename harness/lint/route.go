package lint

import (
	"bytes"
	"path/filepath"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// isRuntime reports whether PM2 runs in the foreground: by --target runtime, or because
// the Dockerfile of the project calls it. why says which, for people.
func (s *Subject) isRuntime() (why string, ok bool) {
	switch {
	case s.Target.Route == ecosystem.Runtime:
		return "with --target runtime", true
	case s.Target.Route == "" && s.hasInDockerfile(foregrounds...):
		return "the Dockerfile calls pm2-runtime", true
	}
	return "", false
}

// limitSeverity makes a warning of an error of runtime for which only the Dockerfile is
// evidence: it may start another file.
func (s *Subject) limitSeverity(f Finding) Finding {
	if s.Target.Route == ecosystem.Runtime {
		return f
	}
	return f.setSeverity(Warning)
}

// isContained reports whether PM2 runs in a container, as runtime does.
func (s *Subject) isContained() bool {
	return s.Target.Route == ecosystem.Runtime || s.Target.Route == "" && s.hasInDockerfile("pm2")
}

// foregrounds are commands with which PM2 stays in the foreground.
var foregrounds = []string{"pm2-runtime", "pm2-docker", "--no-daemon"}

// hasInDockerfile reports whether the Dockerfile beside the file, or at the project's
// root, has one of the words in its first bytes.
func (s *Subject) hasInDockerfile(words ...string) bool {
	if s.Disk == nil {
		return false
	}
	for _, dir := range []string{s.findDir(), findRoot(s)} {
		head, ok := s.Disk.Head(filepath.Join(dir, "Dockerfile"))
		for _, word := range words {
			if ok && bytes.Contains(head, []byte(word)) {
				return true
			}
		}
	}
	return false
}
