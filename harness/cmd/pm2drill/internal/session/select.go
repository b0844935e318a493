package session

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/scenarios"
)

// Select finds the scenarios of these names. What has a slash in it is a folder with
// a scenario of its own; own maps those scenarios' names to their folders.
func Select(names []string) (todo []scenarios.Scenario, own map[string]string, err error) {
	own = map[string]string{}
	var ours []string
	for _, name := range names {
		if !strings.ContainsRune(name, filepath.Separator) && name != "." && name != ".." {
			ours = append(ours, name)
			continue
		}
		s, err := scenarios.Own(name)
		if err != nil {
			return nil, nil, err
		}
		if clash, _ := scenarios.Find([]string{s.Name}); len(clash) > 0 || own[s.Name] != "" {
			return nil, nil, fmt.Errorf("%s: there is another scenario %s: give the folder another name", name, s.Name)
		}
		todo, own[s.Name] = append(todo, s), name
	}
	if len(ours) == 0 && len(todo) > 0 {
		return todo, own, nil
	}
	found, unknown := scenarios.Find(ours)
	if len(unknown) > 0 {
		return nil, nil, unknownError(unknown)
	}
	return append(found, todo...), own, nil
}

// RefuseName says which of the names cannot be used, and returns the exit code for it.
func RefuseName(c cli.Call, err error) int {
	var unknown unknownError
	if errors.As(err, &unknown) {
		return RefuseUnknown(c, unknown)
	}
	return c.Complain("%v", err)
}

// unknownError holds names that no scenario and no label has.
type unknownError []string

func (e unknownError) Error() string { return "there is no scenario " + strings.Join(e, ", ") }

// RefuseUnknown names the first name that nothing has, and what was probably meant or else all
// labels, and returns the exit code for it.
func RefuseUnknown(c cli.Call, names []string) int {
	labels := Labels()
	known := labels
	for _, s := range scenarios.Catalogue() {
		known = append(known, s.Name)
	}
	if meant := cli.Suggest(known, names[0]); meant != "" {
		return c.Complain("there is no scenario or label %q%s: `pm2drill list` lists them", names[0], meant)
	}
	return c.Complain("there is no scenario or label %q: `pm2drill list` lists the scenarios; the labels are %s", names[0], strings.Join(labels, ", "))
}

// Labels returns all labels of the catalogue, sorted.
func Labels() []string {
	var all []string
	for _, s := range scenarios.Catalogue() {
		all = append(all, s.Labels...)
	}
	slices.Sort(all)
	return slices.Clip(slices.Compact(all))
}
