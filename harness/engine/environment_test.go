package engine

import (
	"maps"
	"testing"
)

// TestEnvironmentHasBothNames: an engine written for the old names goes on working, and one
// that is started by hand with either is told.
func TestEnvironmentHasBothNames(t *testing.T) {
	env := Environment("app", "http://a/healthz", "http://b/")
	want := map[string]string{
		"ENGINE_APP": "app", "ENGINE_URL": "http://a/healthz", "ENGINE_ALERT_URL": "http://b/",
		"PM2DRILL_APP": "app", "PM2DRILL_URL": "http://a/healthz", "PM2DRILL_ALERT_URL": "http://b/",
	}
	if !maps.Equal(env, want) {
		t.Errorf("the environment is %v, want %v", env, want)
	}
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"ENGINE_APP": "new"}, "new"},
		{map[string]string{"PM2DRILL_APP": "old"}, "old"},
		{map[string]string{"ENGINE_APP": "new", "PM2DRILL_APP": "old"}, "new"},
		{nil, ""},
	} {
		if got := Lookup(func(name string) string { return c.env[name] }, EnvApp); got != c.want {
			t.Errorf("of %v it reads %q, want %q", c.env, got, c.want)
		}
	}
}
