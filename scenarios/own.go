package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// OwnFile is the file by which a folder is a scenario of somebody's own. Its form is
// own.schema.json.
const OwnFile = "scenario.yaml"

// duration is a time as Go writes it, such as 20s or 1m30s.
type duration time.Duration

// UnmarshalYAML implements yaml.Unmarshaler.
func (d *duration) UnmarshalYAML(n *yaml.Node) error {
	t, err := time.ParseDuration(n.Value)
	if err == nil && t <= 0 {
		err = errors.New("it must be more than 0")
	}
	if err != nil {
		return fmt.Errorf("line %d: %q is no time: write it like 20s or 1m30s", n.Line, n.Value)
	}
	*d = duration(t)
	return nil
}

// Own reads the scenario of a folder outside this repository: an app, its ecosystem
// file and OwnFile. The folder's name is the scenario's. An error names file, line
// and key.
func Own(dir string) (Scenario, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return Scenario{}, fmt.Errorf("there is no folder %s: what has a slash in its name is the folder of a scenario of one's own (scenarios/OWN.md)", dir)
	}
	file := filepath.Join(dir, OwnFile)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Scenario{}, fmt.Errorf("%s has no %s: it is what makes a folder a scenario (scenarios/OWN.md)", dir, OwnFile)
	}
	if err != nil {
		return Scenario{}, fmt.Errorf("cannot read %s: %w", file, err)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return Scenario{}, fmt.Errorf("cannot find %s: %w", dir, err)
	}
	o, err := parseOwn(text)
	if err != nil {
		return Scenario{}, fmt.Errorf("%s: %w", file, err)
	}
	for _, c := range [][2]string{{"app.config", o.App.Config}, {"decoy.config", o.decoyConfig()}} {
		if _, err := os.Stat(filepath.Join(dir, c[1])); err != nil {
			return Scenario{}, fmt.Errorf("%s: line %d: %s: there is no %s in the folder", file, lineOf(text, c[0]), c[0], c[1])
		}
	}
	s := o.scenario(filepath.Base(abs))
	s.App.Own.Dir, s.Definition = abs, string(text)
	if s.Decoy != nil {
		s.Decoy.App.Own.Dir = abs
	}
	return s, nil
}

// OwnAs makes the scenario of that name from what OwnFile says, without the folder: to
// judge what was drilled.
func OwnAs(name, definition string) (Scenario, error) {
	o, err := parseOwn([]byte(definition))
	if err != nil {
		return Scenario{}, fmt.Errorf("%s: %w", OwnFile, err)
	}
	return o.scenario(name), nil
}

func parseOwn(text []byte) (ownFile, error) {
	o := ownFile{
		App: ownApp{Config: "ecosystem.config.js"}, Load: ownLoad{Path: "/", Rate: 50}, Recover: duration(time.Minute),
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&o); err != nil {
		return o, errors.New(plainYAML(err))
	}
	if err := o.wrong(text); err != nil {
		return o, err
	}
	return o, emptyValue(text)
}

// plainYAML is the library's error in words that do not speak of Go.
func plainYAML(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.ReplaceAll(strings.TrimPrefix(text, "unmarshal errors:\n  "), "\n  ", "; ")
	text = noField.ReplaceAllString(text, "there is no key $1 here")
	return noValue.ReplaceAllString(text, "$1 is no value for this key")
}

var (
	noField = regexp.MustCompile(`field (\S+) not found in type \S+`)
	noValue = regexp.MustCompile("cannot unmarshal !!\\w+ (`[^`]*`|into \\S+) ?(into \\S+)?")
)
