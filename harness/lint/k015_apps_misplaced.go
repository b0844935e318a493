package lint

import (
	"slices"

	"github.com/agnivade/levenshtein"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func k015() Rule {
	return Rule{
		ID: "K015", Severity: Error,
		Title:  "the apps stand where PM2 does not look",
		Why:    "PM2 reads `apps`, or else `pm2`, or else takes the whole file for one app. Settings beside `apps` are dropped without a word; under any other key the apps are not found, and PM2 says \"No script path - aborting\".",
		Fix:    "Put every setting into its app, and the apps under `apps`.",
		Source: "lib/API.js:947",
		File: func(s *Subject) []Finding {
			var out []Finding
			if s.Config.Under == "" {
				return findMisplacedApps(s)
			}
			for _, f := range s.Config.Top.Fields {
				if slices.Contains([]string{"apps", "pm2", "deploy", "static", "default", "name", "__esModule"}, f.Key) {
					continue
				}
				if meant := findMisnamedSection(f.Key); meant != "" && !s.Config.Top.Has(meant) {
					out = append(out, s.report(f.Key, "PM2 looks at no %s. Did you mean %s?", f.Key, meant).setSeverity(Warning).setFix("Call it %s.", meant))
					continue
				}
				if _, ok := ecosystem.SettingOf(f.Key); !ok {
					continue
				}
				found := s.report(f.Key, "%s stands beside `%s`, where PM2 drops it.", f.Key, s.Config.Under).setFix("Move it into each app that it is meant for.")
				if app := (ecosystem.Value{Kind: ecosystem.Object, Fields: []ecosystem.Field{{Key: "script", Value: newText("a.js")}, f}}); refused(app, s.Target) {
					found = found.setSeverity(Warning).setFix("Remove it: PM2 takes no such value in an app, either.")
				}
				out = append(out, found)
			}
			return out
		},
	}
}

// refused reports whether PM2 starts nothing because of what the app has.
func refused(app ecosystem.Value, target ecosystem.Target) bool {
	_, rejected := ecosystem.Verify([]ecosystem.Value{app}, target)
	return rejected != nil
}

// findMisnamedSection returns the section of the file whose name is most like the key, ""
// if none is much like it.
func findMisnamedSection(key string) string {
	for _, section := range []string{"deploy", "static"} {
		if d := levenshtein.ComputeDistance(normaliseKey(key), section); d > 0 && d <= 2 || normaliseKey(key) == "deployment" && section == "deploy" {
			return section
		}
	}
	return ""
}

// findMisplacedApps reports lists or maps of apps under some other key.
func findMisplacedApps(s *Subject) []Finding {
	if len(s.Apps) != 1 || s.Apps[0].getScript() != "" {
		return nil
	}
	var out []Finding
	for _, f := range s.Config.Top.Fields {
		all := f.Value.Items
		if f.Value.Is(ecosystem.Object) {
			all = []ecosystem.Value{f.Value}
			for _, g := range f.Value.Fields {
				all = append(all, g.Value)
			}
		}
		if f.Key != "default" && slices.ContainsFunc(all, func(v ecosystem.Value) bool { return v.Get("script").Truthy() }) {
			out = append(out, s.report(f.Key, "The apps stand under `%s`, where PM2 does not look: it finds no script.", f.Key).setFix("Call the key `apps`, and make it a list."))
		}
	}
	return out
}
