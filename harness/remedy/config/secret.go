package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Secret is where a secret is, and once the file is read, the secret.
type Secret struct {
	File string `yaml:"file"` // of which it is the only line
	Env  string `yaml:"env"`  // environment variable

	value string
}

// Value returns the secret, "" if none is named.
func (s Secret) Value() string { return s.value }

// String says where the secret is.
func (s Secret) String() string {
	if s.Env != "" {
		return "variable " + s.Env
	}
	return "file " + s.File
}

// GoString does the same, so that no way of printing shows the secret.
func (s Secret) GoString() string { return s.String() }

// read reads it. A file that everybody may read keeps no secret, and is refused.
func (s *Secret) read(dir string, env func(string) string) error {
	switch {
	case s.Env != "":
		s.value = strings.TrimSpace(env(s.Env))
	case s.File != "":
		name := s.File
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		text, err := readOwn(name, maxSecret)
		if err != nil {
			return err
		}
		if info, err := os.Stat(name); err == nil && info.Mode().Perm()&0o004 != 0 {
			return fmt.Errorf("everybody may read %s (mode %04o): chmod 600 it", name, info.Mode().Perm())
		}
		s.value = strings.TrimSpace(string(text))
	default:
		return nil
	}
	switch {
	case s.value == "":
		return errors.New("it is empty or not set")
	case strings.ContainsAny(s.value, "\n\r"):
		return errors.New("it has more than one line")
	}
	return nil
}

// minLinkSecret is how many bytes the secret of links must have.
const minLinkSecret = 16

// readSecrets reads the secrets of all channels, and that of links.
func (f *finder) readSecrets(out *File, dir string, env func(string) string) {
	if l := out.ApprovalLinks; l != nil {
		path := []string{"approval_links", "secret"}
		if err := l.Secret.read(dir, env); err != nil {
			f.complain(path, "%s cannot be used: %v", l.Secret, err)
		} else if l.Secret != (Secret{}) && len(l.Secret.value) < minLinkSecret {
			f.complain(path, "%s has less than %d characters: `openssl rand -hex 32` makes one", l.Secret, minLinkSecret)
		}
	}
	for i := range out.Channels {
		c := &out.Channels[i]
		for key, s := range map[string]*Secret{"url": &c.URL, "routing_key": &c.RoutingKey, "key": &c.Key, "token": &c.Token, "password": &c.Password} {
			path := []string{"channels", strconv.Itoa(i), key}
			if err := s.read(dir, env); err != nil {
				f.complain(path, "%s cannot be used: %v", s, err)
				continue
			}
			if key == "url" && s.value != "" {
				if what := findURLFault(s.value); what != "" {
					f.complain(path, "%s holds no http or https URL", s)
				}
			}
		}
	}
}
