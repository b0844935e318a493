package ecosystem

import "strings"

// Dialect is what PM2 takes a file for, by its name.
type Dialect string

// The dialects.
const (
	JSON   Dialect = "json" // evaluated as a JavaScript expression, not parsed as JSON (Common.js:287)
	YAML   Dialect = "yaml" // js-yaml's load (Common.js:299); package yaml
	Module Dialect = "js"   // required, as Node's rules for the name have it (Common.js:301)
	App    Dialect = "app"  // no configuration: PM2 starts the file itself as an app
)

// DialectOf is what PM2 takes a file for: the first of these suffixes that occurs
// anywhere in the path as it was given, and in this order (Common.js:242, 260). So
// `app.config.js.bak` is a configuration, and `ecosystem.js` and `pm2.config.ts` are
// apps.
func DialectOf(path string) Dialect {
	for _, known := range []struct {
		suffix  string
		dialect Dialect
	}{
		{".json", JSON}, {".yml", YAML}, {".yaml", YAML},
		{".config.js", Module}, {".config.cjs", Module}, {".config.mjs", Module},
	} {
		if strings.Contains(path, known.suffix) {
			return known.dialect
		}
	}
	return App
}
