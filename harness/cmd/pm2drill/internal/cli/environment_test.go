package cli

import "testing"

// TestNodeVersion: npm's NODE is no version, and a version is taken as it is.
func TestNodeVersion(t *testing.T) {
	for set, want := range map[string]string{"": "", "24": "24", "26.10.0": "26.10.0", "/usr/bin/node": "", "./node": "", "latest": "latest"} {
		if got := NodeVersion(func(string) string { return set }); got != want {
			t.Errorf("NODE=%s: %q, want %q", set, got, want)
		}
	}
}
