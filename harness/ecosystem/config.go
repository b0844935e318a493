package ecosystem

// Config is what PM2 finds in an evaluated file.
type Config struct {
	Apps   []Value // raw, as the file has them
	Under  string  // the key that they stand under: "apps", "pm2", or "" where the whole is taken for one app
	Deploy Value
	Static []Value
	Top    Value // all of it
}

// ConfigOf picks the apps out of what a file evaluates to (API._startJson,
// lib/API.js:940): under `apps`, else under `pm2`, else the whole. A rejection is
// PM2 failing over a file that evaluates to nothing.
func ConfigOf(v Value) (Config, *Rejection) {
	if v.Missing() {
		return Config{}, newThrown("", "Cannot read properties of %s (reading 'deploy')", v.getKind())
	}
	c := Config{Top: v, Deploy: v.Get("deploy"), Static: v.Get("static").Items}
	apps := v
	for _, key := range []string{"apps", "pm2"} {
		if x := v.Get(key); x.Truthy() {
			apps, c.Under = x, key
			break
		}
	}
	if apps.Is(Array) {
		c.Apps = apps.Items
	} else {
		c.Apps = []Value{apps}
	}
	return c, nil
}

// ByDefault is the default export of an ES module in which PM2 finds no apps because of
// it; ok is false where PM2 finds some, or where it holds none. What else is wrong with
// such a file is in there, so that mending the export does not bring the next error.
func (e Evaluation) ByDefault(c Config) (v Value, ok bool) {
	v = e.Value.Get("default")
	return v, e.ESM && c.Under == "" && !e.Value.Has("script") && (v.Is(Object) || v.Is(Array))
}
