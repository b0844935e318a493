package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
)

// saved scans images as `docker save` writes them: each file of each layer, also one that
// a later layer deletes, and each configuration, with labels, variables and history.
type saved struct {
	words     *regexp.Regexp // what no file may have that is not a package's
	packaged  map[string]bool
	leftovers bool                          // whether logs and caches are faults too
	found     func(where, what string)      // what is a fault
	files     int                           // scanned
	texts     int                           // configurations scanned
	layer     string                        // that is being scanned
	open      func() (io.ReadCloser, error) // gives the archive, from its start
}

// own is the name of this project, in small letters. No file at all may have it, whoever
// has brought it.
var own = names{[]byte("pm2drill"), []byte("pm2-drill")}

type names [][]byte

// find is the first name that a text has, nil for none. It is faster than an expression.
func (n names) find(text []byte) []byte {
	for _, name := range n {
		if bytes.Contains(text, name) {
			return name
		}
	}
	return nil
}

// handles are the files of the archive that say which tag is which image. A tag is the
// user's handle, and known to the engine alone.
var handles = regexp.MustCompile(`^(manifest\.json|index\.json|repositories|oci-layout)$`)

// brought are files that others have written, but that Debian's packages do not list: the
// databases of dpkg and debconf, npm packages and what Node's official image has of Node.
var brought = regexp.MustCompile(`^var/(lib/dpkg|cache/debconf)/|/node_modules/[^.]|` +
	`^usr/local/(bin/node$|include/node/|lib/node_modules/|(CHANGELOG|README)\.md$|LICENSE$)`)

// leftover is what the making of an image leaves in it, and what the host gives of itself.
var leftover = regexp.MustCompile(`^(var/log|var/cache|var/lib/apt/lists|var/tmp|tmp|run|etc/ssl/private)/.|` +
	`^etc/(hostname|resolv\.conf|machine-id)$|ssl-cert-snakeoil|(^|/)(\.npm|\.cache|_cacache|_logs|\.\w+_history)($|/)`)

// scan reads the archive twice: which files the packages have brought, then all of it.
func (s *saved) scan() error {
	s.packaged = map[string]bool{}
	if err := s.entries(s.list, nil); err != nil {
		return err
	}
	return s.entries(s.file, s.text)
}

// entries calls file for each entry of each layer, and text for all else.
func (s *saved) entries(file func(*tar.Header, io.Reader) error, text func(string, io.Reader) error) error {
	archive, err := s.open()
	if err != nil {
		return err
	}
	defer archive.Close()
	for outer := tar.NewReader(archive); ; {
		h, err := outer.Next()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("cannot read the archive of images: %w", err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		r, layer, err := peel(outer)
		if err == nil && layer {
			s.layer = h.Name
			err = each(tar.NewReader(r), file)
		} else if err == nil && text != nil {
			err = text(h.Name, r)
		}
		if err != nil {
			return fmt.Errorf("cannot scan %s: %w", h.Name, err)
		}
	}
}

// peel gives what is in an entry of the archive, and whether that is a layer.
func peel(entry io.Reader) (r *bufio.Reader, layer bool, err error) {
	r = bufio.NewReader(entry)
	if magic, _ := r.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(r)
		if err != nil {
			return nil, false, err
		}
		r = bufio.NewReader(unzipped)
	}
	head, err := r.Peek(262)
	if errors.Is(err, io.EOF) {
		return r, false, nil
	}
	return r, err == nil && string(head[257:]) == "ustar", err
}

func each(layer *tar.Reader, file func(*tar.Header, io.Reader) error) error {
	for {
		h, err := layer.Next()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		h.Name = strings.TrimPrefix(path.Clean("/"+h.Name), "/")
		if err := file(h, layer); err != nil {
			return fmt.Errorf("%s: %w", h.Name, err)
		}
	}
}

// list notes what a Debian package has brought. On disk, what it calls /lib is /usr/lib.
func (s *saved) list(h *tar.Header, r io.Reader) error {
	if ok, _ := path.Match("var/lib/dpkg/info/*.list", h.Name); !ok {
		return nil
	}
	text, err := io.ReadAll(r)
	for name := range strings.Lines(string(text)) {
		name = strings.Trim(name, "/\n")
		s.packaged[name], s.packaged["usr/"+name] = true, true
	}
	return err
}

// file looks at one entry of a layer.
func (s *saved) file(h *tar.Header, r io.Reader) error {
	s.files++
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	where := s.layer[:min(12, len(s.layer))] + ": " + h.Name
	if s.leftovers && len(content) > 0 && leftover.MatchString(h.Name) {
		s.found(where, "is left over from the making of the image")
	}
	about := strings.Join([]string{h.Name, h.Linkname, h.Uname, h.Gname}, "\n")
	binary := bytes.IndexByte(content, 0) >= 0
	for part, text := range map[string][]byte{"is called": []byte(about), "has": content} {
		lower(text)
		word := own.find(text)
		if word == nil && !s.packaged[h.Name] && !brought.MatchString(h.Name) && !(binary && part == "has") {
			word = s.words.Find(text)
		}
		s.tell(where, part, text, word)
	}
	return nil
}

// tell reports a word, nil for none, with the text around it.
func (s *saved) tell(where, part string, text, word []byte) {
	if word != nil {
		at := bytes.Index(text, word)
		s.found(where, fmt.Sprintf("%s %q: %.200q", part, word, text[max(0, at-60):min(len(text), at+len(word)+60)]))
	}
}

// text looks at a configuration.
func (s *saved) text(name string, r io.Reader) error {
	if handles.MatchString(name) {
		return nil
	}
	s.texts++
	text, err := io.ReadAll(r)
	lower(text)
	s.tell(name, "has", text, s.words.Find(text))
	return err
}

// lower turns capital letters into small ones, in place: words are looked for in half a
// gigabyte.
func lower(text []byte) {
	for i, c := range text {
		if 'A' <= c && c <= 'Z' {
			text[i] = c | 0x20
		}
	}
}
