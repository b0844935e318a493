package engine

import "strings"

// formatAlias returns the name that a variable of the contract had before, which named
// the harness. It is set and read beside the new one in this version, and is removed in
// the next.
func formatAlias(name string) string { return "PM2DRILL_" + strings.TrimPrefix(name, "ENGINE_") }

// Environment is what an engine is started with beside EnvHome, by the new and the old names.
func Environment(app, url, alertURL string) map[string]string {
	env := map[string]string{}
	for name, value := range map[string]string{EnvApp: app, EnvURL: url, EnvAlertURL: alertURL} {
		env[name], env[formatAlias(name)] = value, value
	}
	return env
}

// Lookup reads one of EnvApp, EnvURL and EnvAlertURL by get, and by its old name where the
// new one is not set; "" for neither.
func Lookup(get func(string) string, name string) string {
	if value := get(name); value != "" {
		return value
	}
	return get(formatAlias(name))
}
