package lint

import (
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func k001() Rule {
	return Rule{
		ID: "K001", Severity: Error,
		Title:  "a key that PM2 does not know",
		Why:    "PM2 copies the keys of its schema and drops every other without a word: a misspelt kill_timeout leaves the default of 1600 ms in force, and nothing shows it but the requests that are cut off.",
		Fix:    "Remove it, or give it the name that PM2 knows.",
		Source: "lib/tools/Config.js:89",
		Apps: func(a App) []Finding {
			var out []Finding
			if a.isWholeFile() || a.of.isStrange() {
				return nil // its keys are no settings
			}
			for _, f := range a.Raw.Fields {
				if f.Value.Is(ecosystem.Undefined) || isKnownKey(f.Key) {
					continue
				}
				out = append(out, reportUnknownKey(a, f.Key))
			}
			return out
		},
	}
}

// isWholeFile reports whether the app is the whole file, taken for an app because PM2
// finds no apps in it: other rules say why.
func (a App) isWholeFile() bool {
	return a.of.Config.Under == "" && !a.of.Default && len(l003().File(a.of))+len(l005().File(a.of))+len(k015().File(a.of)) > 0
}

// isKnownKey reports whether PM2 reads the key of an app: by its schema, or before that
// (cmd and command, lib/Common.js:715).
func isKnownKey(key string) bool {
	_, ok := ecosystem.SettingOf(key)
	return ok || key == "cmd" || key == "command" || strings.HasPrefix(key, ecosystem.EnvPrefix)
}

func reportUnknownKey(a App, key string) Finding {
	if meant := findClosestSetting(key); meant != "" && !a.has(meant) {
		return a.report(key, "PM2 knows no %s and drops it. Did you mean %s?", key, meant).setEdit(Edit{Rename: meant})
	}
	return a.report(key, "PM2 knows no %s and drops it.", key).setSeverity(Warning).setFix("Remove it: it does nothing.")
}

// findClosestSetting returns the setting whose name is most like the key, "" if none is
// much like it.
func findClosestSetting(key string) string {
	best, distance := "", 3
	for _, s := range ecosystem.Settings() {
		for _, name := range append([]string{s.Key}, s.AllAliases()...) {
			d := levenshtein.ComputeDistance(normaliseKey(key), normaliseKey(name))
			if d < distance && d*4 <= len(name) {
				best, distance = s.Key, d
			}
		}
	}
	return best
}

// normaliseKey returns a key in lower case and without "_" and "-", the parts that people
// vary.
func normaliseKey(key string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))
}
