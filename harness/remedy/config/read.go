package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
	"golang.org/x/sys/unix"
)

// maxFile bounds a configuration, and maxSecret a secret, bytes.
const (
	maxFile   = 1 << 20
	maxSecret = 16 << 10
)

// Read reads a configuration, and the secrets that it names: env looks up an environment
// variable. The error is Problems if it is the content that cannot be used.
func Read(name string, env func(string) string) (File, error) {
	text, err := readOwn(name, maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return File{}, fmt.Errorf("cannot read the configuration %s: %w: `pm2drill engine init %s` writes one", name, err, name)
	}
	if err != nil {
		return File{}, fmt.Errorf("cannot read the configuration %s: %w", name, err)
	}
	return Parse(name, text, env)
}

// Parse reads the text of a configuration. Secrets in files are looked for from the directory
// of the file's name.
func Parse(name string, text []byte, env func(string) string) (File, error) {
	f := &finder{source: source{name, new(yaml.Node)}}
	if err := yaml.Unmarshal(text, f.root); err != nil {
		return File{}, f.explainUnreadable(err)
	}
	if f.findTwice(f.root, nil); len(f.found) > 0 {
		return File{}, f.getError()
	}
	var value any
	if err := f.root.Decode(&value); err != nil {
		return File{}, f.explainUnreadable(err)
	}
	schema, doc, err := compile()
	if err != nil {
		return File{}, err
	}
	var invalid *jsonschema.ValidationError
	if err := schema.Validate(value); errors.As(err, &invalid) {
		f.explain(doc, invalid)
		return File{}, f.getError()
	} else if err != nil {
		return File{}, f.explainUnreadable(err)
	}
	out := File{source: f.source}
	if err := f.root.Decode(&out); err != nil {
		return File{}, f.explainUnreadable(err)
	}
	f.check(&out)
	f.readSecrets(&out, filepath.Dir(name), env)
	return out, f.getError()
}

// explainUnreadable returns the problem of a text that is no YAML. The library names the
// line.
func (f *finder) explainUnreadable(err error) error {
	p := Problem{File: f.file, What: strings.TrimPrefix(err.Error(), "yaml: ")}
	var line int
	if n, _ := fmt.Sscanf(p.What, "line %d:", &line); n == 1 {
		_, what, _ := strings.Cut(p.What, ": ")
		p.Line, p.What = line, "it is no YAML: "+what
	}
	return Problems{p}
}

// findTwice notes each key that a mapping has more than once.
func (f *finder) findTwice(at *yaml.Node, path []string) {
	switch at.Kind {
	case yaml.DocumentNode:
		f.findTwice(at.Content[0], path)
	case yaml.SequenceNode:
		for i, next := range at.Content {
			f.findTwice(next, append(slices.Clone(path), strconv.Itoa(i)))
		}
	case yaml.MappingNode:
		first := map[string]int{} // line, by key
		for i := 0; i+1 < len(at.Content); i += 2 {
			key := at.Content[i]
			where := append(slices.Clone(path), key.Value)
			if line, twice := first[key.Value]; twice && key.Kind == yaml.ScalarNode {
				f.found = append(f.found, Problem{File: f.file, Line: key.Line, Key: formatKey(where), What: fmt.Sprintf("this key is given twice, first on line %d: remove one of them", line)})
			} else {
				first[key.Value] = key.Line
			}
			f.findTwice(at.Content[i+1], where)
		}
	}
}

// readOwn reads a regular file that only this user or the superuser can have written.
func readOwn(name string, limit int64) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if bad := new(fs.PathError); errors.As(err, &bad) {
		return nil, bad.Err // the caller names the file
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return nil, err
	}
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return nil, errors.New("it is no regular file")
	case st.Uid != uint32(os.Geteuid()) && st.Uid != 0:
		return nil, fmt.Errorf("it belongs to user %d: only root and the user that the engine runs as may decide what it does", st.Uid)
	case st.Mode&0o022 != 0:
		return nil, fmt.Errorf("others may write to it (mode %04o): chmod go-w it", st.Mode&0o777)
	}
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = fmt.Errorf("it is longer than %d bytes", limit)
	}
	return text, err
}
