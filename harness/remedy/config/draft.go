package config

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"strconv"
	"text/template"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

//go:embed draft.yaml.tmpl
var draft string

// Draft writes a configuration that looks after every app of PM2's list, with a comment at each
// key. Nothing in it has to be changed for the engine to start.
func Draft(home string, list []pm2.Process) ([]byte, error) {
	shape, err := template.New("draft").Funcs(template.FuncMap{"quote": strconv.Quote}).Parse(draft)
	if err != nil {
		return nil, fmt.Errorf("cannot read the template of the configuration: %w", err)
	}
	every := File{Apps: []App{{Pattern: "*"}}}
	chosen, err := every.List(list)
	if err != nil {
		return nil, fmt.Errorf("cannot write a configuration: PM2's list is empty: start the app first")
	}
	spaces := map[string]int{}
	for _, c := range chosen {
		spaces[c.Name]++
	}
	type app struct{ Name, Namespace string }
	var apps []app
	for _, c := range chosen {
		a := app{Name: c.Name}
		if spaces[c.Name] > 1 {
			a.Namespace = c.Namespace
		}
		apps = append(apps, a)
	}
	var out bytes.Buffer
	err = shape.Execute(&out, map[string]any{"Home": home, "Apps": apps})
	return out.Bytes(), err
}

// Create writes a new file that its owner alone may read. It overwrites nothing, and follows
// no link.
func Create(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		if os.IsExist(err) {
			return fmt.Errorf("%s is there already: it is not overwritten; remove it, or give another name", name)
		}
		return fmt.Errorf("cannot create %s: %w", name, err)
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", name, err)
	}
	return nil
}
