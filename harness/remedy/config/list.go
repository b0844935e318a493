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
	Workers         int // in PM2's list
	Entry           App
	Index           int // of the entry
}

// List finds the apps of PM2's list that the entries fit, in the order of their names. An
// entry that names an app which the list lacks, or which it has in several namespaces, is a
// problem, and so are entries that fit nothing at all.
func (f File) List(list []pm2.Process) (chosen []Chosen, err error) {
	entries := map[[2]string]int{} // by app; -1 for none
	workers := map[[2]string]int{}
	fits := make([][]string, len(f.Apps)) // namespaces of the apps that each entry fits
	for _, p := range list {
		key := [2]string{p.Name, p.Namespace}
		if p.ID < 0 {
			continue
		}
		if workers[key]++; workers[key] > 1 {
			continue
		}
		entries[key] = slices.IndexFunc(f.Apps, func(a App) bool { return a.fits(p) })
	}
	for key, i := range entries {
		if i >= 0 {
			chosen = append(chosen, Chosen{key[0], key[1], workers[key], f.Apps[i], i})
			fits[i] = append(fits[i], key[1])
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
			found = append(found, f.source.blame(at, "PM2 has no app %s%s%s; %s", a.Name, formatNamespace(a.Namespace), askIfMeant(a.Name, listNames(list)), describeNames(list)))
		case a.Name != "" && len(fits[i]) > 1:
			found = append(found, f.source.blame(at, "PM2 has an app %s in each of the namespaces %s: give namespace", a.Name, strings.Join(slices.Sorted(slices.Values(fits[i])), ", ")))
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

// Doubt returns what of a configuration can be used, and is hardly meant: an entry that fits no
// app of PM2's list, and more workers to keep serving than an app has. chosen is what List returns.
func (f File) Doubt(chosen []Chosen, list []pm2.Process) (found Problems) {
	for i, a := range f.Apps {
		if slices.ContainsFunc(chosen, func(c Chosen) bool { return c.Index == i }) {
			continue
		}
		at := []string{"apps", strconv.Itoa(i), "namespace"}
		if a.Pattern != "" {
			at[2] = "pattern"
		}
		if slices.ContainsFunc(list, func(p pm2.Process) bool { return p.ID >= 0 && a.fits(p) }) {
			found = append(found, f.source.blame(at, "every app of PM2 that it fits belongs to an entry before it"))
		} else {
			found = append(found, f.source.blame(at, "it fits no app of PM2 now; one that comes later is taken up within a minute"))
		}
	}
	for _, c := range chosen {
		at, least := []string{"apps", strconv.Itoa(c.Index), "min_healthy"}, c.Entry.MinHealthy
		if least == nil {
			at, least = at[2:], f.MinHealthy
		}
		if least != nil && *least > c.Workers {
			found = append(found, f.source.blame(at, "%d workers are to keep serving, and %s has %d in PM2's list: the engine replaces no worker that serves", *least, c.Name, c.Workers))
		}
	}
	return found
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

func formatNamespace(namespace string) string {
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
