package config

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// Chosen is an app of PM2's list and the entry that is its own.
type Chosen struct {
	Name, Namespace string
	Entry           App
}

// List finds the apps of PM2's list that the entries fit, in the order of their names. An
// entry that names an app which the list lacks, or which it has in several namespaces, is a
// problem, and so are entries that fit nothing at all.
func (f File) List(list []pm2.Process) (chosen []Chosen, err error) {
	seen := map[[2]string]bool{}
	fits := make([][]string, len(f.Apps)) // namespaces of the apps that each entry fits
	for _, p := range list {
		key := [2]string{p.Name, p.Namespace}
		if p.ID < 0 || seen[key] {
			continue
		}
		seen[key] = true
		if i := slices.IndexFunc(f.Apps, func(a App) bool { return a.fits(p) }); i >= 0 {
			chosen = append(chosen, Chosen{p.Name, p.Namespace, f.Apps[i]})
			fits[i] = append(fits[i], p.Namespace)
		}
	}
	slices.SortFunc(chosen, func(a, b Chosen) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Namespace, b.Namespace))
	})
	var found Problems
	for i, a := range f.Apps {
		at := []string{"apps", strconv.Itoa(i), "name"}
		switch {
		case a.Name != "" && len(fits[i]) == 0:
			found = append(found, f.source.blame(at, "PM2 has no app %s%s%s; %s", a.Name, in(a.Namespace), askIfMeant(a.Name, listNames(list)), describeNames(list)))
		case a.Name != "" && len(fits[i]) > 1:
			found = append(found, f.source.blame(at, "PM2 has an app %s in each of the namespaces %s: give namespace", a.Name, strings.Join(fits[i], ", ")))
		}
	}
	if len(found) == 0 && len(chosen) == 0 {
		found = append(found, f.source.blame([]string{"apps"}, "no entry fits an app of PM2; %s", describeNames(list)))
	}
	if len(found) > 0 {
		return nil, found
	}
	return chosen, nil
}

// fits reports whether the entry fits the app that a process belongs to.
func (a App) fits(p pm2.Process) bool {
	if a.Namespace != "" && a.Namespace != p.Namespace || a.Name != "" && a.Name != p.Name {
		return false
	}
	if a.Pattern == "" {
		return true
	}
	ok, err := path.Match(a.Pattern, p.Name)
	return err == nil && ok
}

func in(namespace string) string {
	if namespace == "" {
		return ""
	}
	return " in namespace " + namespace
}

// listNames lists the names of the apps of PM2's list, each once.
func listNames(list []pm2.Process) []string {
	var all []string
	for _, p := range list {
		if p.ID >= 0 {
			all = append(all, p.Name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// describeNames says which apps PM2's list has.
func describeNames(list []pm2.Process) string {
	if all := listNames(list); len(all) > 0 {
		return "it has " + strings.Join(all, ", ")
	}
	return "its list is empty: start the app first"
}
