// Package form lays configurations out that several evaluators are held to, and compares
// what they make of them. It is for tests.
package form

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/txtar"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// Form is a configuration in a folder of its own.
type Form struct{ Name, Dir, File string }

// LayOut writes the files of an archive below root. The first file of each folder is its
// configuration.
func LayOut(archive []byte, root string) ([]Form, error) {
	root, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, fmt.Errorf("cannot lay forms out: %w", err)
	}
	var out []Form
	for _, f := range txtar.Parse(archive).Files {
		name, file, _ := strings.Cut(f.Name, "/")
		if len(out) == 0 || out[len(out)-1].Name != name {
			out = append(out, Form{name, filepath.Join(root, name), file})
		}
		path := filepath.Join(root, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, fmt.Errorf("cannot lay forms out: %w", err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			return nil, fmt.Errorf("cannot lay forms out: %w", err)
		}
	}
	return out, nil
}

// Request asks for the form's evaluation on a target, in the form's folder.
func (f Form) Request(t ecosystem.Target) (ecosystem.Request, error) {
	source, err := os.ReadFile(filepath.Join(f.Dir, f.File))
	if err != nil {
		return ecosystem.Request{}, fmt.Errorf("cannot read form %s: %w", f.Name, err)
	}
	t.Cwd = f.Dir
	return ecosystem.Request{Path: f.File, Dialect: ecosystem.DialectOf(f.File), Source: source, Target: t}, nil
}

// atOnce is how many forms Each has in work: a Node that starts waits as often as it
// computes.
const atOnce = 4

// Each calls do for every form, some at a time.
func Each(all []Form, do func(Form)) {
	var wg sync.WaitGroup
	todo := make(chan Form)
	for range atOnce {
		wg.Go(func() {
			for f := range todo {
				do(f)
			}
		})
	}
	for _, f := range all {
		todo <- f
	}
	close(todo)
	wg.Wait()
}

// Canonical is a value's text with its keys in order, which means nothing to PM2. A
// namespace's __esModule means nothing to it either.
func Canonical(v ecosystem.Value) string {
	v = v.Copy()
	sortKeys(&v)
	return v.Inspect()
}

func sortKeys(v *ecosystem.Value) {
	v.Delete("__esModule")
	slices.SortFunc(v.Fields, func(a, b ecosystem.Field) int { return strings.Compare(a.Key, b.Key) })
	for i := range v.Fields {
		sortKeys(&v.Fields[i].Value)
	}
	for i := range v.Items {
		sortKeys(&v.Items[i])
	}
}
