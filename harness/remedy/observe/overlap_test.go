package observe

import "testing"

// TestOverlaps holds the addresses that shut each other out to bind(2).
func TestOverlaps(t *testing.T) {
	for _, c := range []struct {
		a, b string
		only bool // a is for IPv6 only
		want bool
	}{
		{"127.0.0.1:80", "127.0.0.1:80", false, true},
		{"127.0.0.1:80", "127.0.0.2:80", false, false},
		{"127.0.0.1:80", "127.0.0.1:81", false, false},
		{"0.0.0.0:80", "127.0.0.2:80", false, true},
		{"[::]:80", "127.0.0.1:80", false, true},
		{"[::]:80", "127.0.0.1:80", true, false},
		{"[::]:80", "0.0.0.0:80", true, false},
		{"[::]:80", "[::1]:80", true, true},
		{"[::1]:80", "0.0.0.0:80", false, false},
		{"[::1]:80", "127.0.0.1:80", false, false},
		{"[::ffff:127.0.0.1]:80", "127.0.0.1:80", false, true},
		{"", "127.0.0.1:80", false, true},
	} {
		a, b := Listener{Address: c.a, V6Only: c.only}, Listener{Address: c.b}
		if a.overlaps(b) != c.want || b.overlaps(a) != c.want {
			t.Errorf("%s (IPv6 only: %v) and %s: want %v", c.a, c.only, c.b, c.want)
		}
	}
}
