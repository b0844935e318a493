package lint

import (
	"slices"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// listAssumed returns the subjects of the file's other possible values: what nobody knows
// beforehand is different in each.
func (s *Subject) listAssumed() []*Subject {
	var out []*Subject
	for _, v := range s.Loaded.Others {
		loaded := s.Loaded
		loaded.Value, loaded.Others = v, nil
		out = append(out, NewSubject(ecosystem.Request{Path: s.Path, Dialect: s.Dialect, Source: s.Source, Target: s.Target}, loaded, s.Disk))
	}
	return out
}

// keepDecided keeps the findings that hold whatever the unknown values are, in the same
// words.
func keepDecided(s *Subject, found []Finding, rules []Rule) []Finding {
	for _, other := range s.listAssumed() {
		also := Check(other, rules)
		found = slices.DeleteFunc(found, func(f Finding) bool {
			return !slices.ContainsFunc(also, func(g Finding) bool {
				return f.Rule == g.Rule && f.App == g.App && f.Key == g.Key && f.Message == g.Message
			})
		})
	}
	return found
}

// Undecided are the settings that depend on what nobody knows beforehand, by the app's
// number from 0, or ecosystem.TopLevel. Variables of an environment are "env.NAME".
func (s *Subject) Undecided() []Setting {
	var out []Setting
	add := func(app int, key string, differ bool) {
		if at := (Setting{app, key}); differ && !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	for _, v := range s.Loaded.Others {
		config, rejected := ecosystem.ConfigOf(v)
		if rejected != nil || len(config.Apps) != len(s.Config.Apps) {
			add(ecosystem.TopLevel, "", true)
			continue
		}
		for i, was := range s.Config.Apps {
			findDifferences(was, config.Apps[i], func(key string) { add(i, key, true) })
		}
	}
	return out
}

// Setting is a setting of an app of the file.
type Setting struct {
	App int
	Key string
}

// findDifferences calls found with the keys in which two apps differ.
func findDifferences(a, b ecosystem.Value, found func(key string)) {
	for _, key := range listKeys(a, b) {
		x, y := a.Get(key), b.Get(key)
		switch {
		case x.Inspect() == y.Inspect() && a.Has(key) == b.Has(key):
		case x.Is(ecosystem.Object) && y.Is(ecosystem.Object):
			for _, inner := range listKeys(x, y) {
				if x.Get(inner).Inspect() != y.Get(inner).Inspect() || x.Has(inner) != y.Has(inner) {
					found(key + "." + inner)
				}
			}
		default:
			found(key)
		}
	}
}

func listKeys(all ...ecosystem.Value) []string {
	var out []string
	for _, v := range all {
		for _, f := range v.Fields {
			if !slices.Contains(out, f.Key) {
				out = append(out, f.Key)
			}
		}
	}
	return out
}
