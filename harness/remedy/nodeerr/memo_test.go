package nodeerr

import (
	"fmt"
	"reflect"
	"testing"
)

// TestMemo: what is read once and kept is the same as what is read anew, also after many
// other texts.
func TestMemo(t *testing.T) {
	texts := []string{
		"", "Error: connect ECONNREFUSED 10.0.0.5:5432", "Error: listen EADDRINUSE: address already in use 0.0.0.0:3000",
		"Error: ENOENT: no such file or directory, open '/srv/app/settings.json'", "TypeError: x is not a function\n    at /srv/a.js:1:2",
		"node: bad option: --nope", "all is well",
	}
	m := NewMemo()
	for range 3 {
		for _, s := range texts {
			is := []any{m.Read(s), m.FindHeadline(s), m.Normalise(s), m.NamesError(s), m.SaysPortInUse(s, 0), m.SaysPortInUse(s, 3000), m.SaysPortInUse(s, 1), m.LooksOutside(s), m.IsOwn(s), m.IsAboutFile(s), m.IsLasting(s)}
			want := []any{Read(s), FindHeadline(s), Normalise(s), NamesError(s), SaysPortInUse(s, 0), SaysPortInUse(s, 3000), SaysPortInUse(s, 1), LooksOutside(s), IsOwn(s), IsAboutFile(s), IsLasting(s)}
			if !reflect.DeepEqual(is, want) {
				t.Errorf("%q: %v, want %v", s, is, want)
			}
		}
		if got, want := m.PickLastError(texts), PickLastError(texts); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		for i := range 2 * memoSize {
			m.Read(fmt.Sprint("text ", i))
		}
		if n := len(m.now) + len(m.before); n > 2*memoSize {
			t.Errorf("%d texts are kept, want at most %d", n, 2*memoSize)
		}
	}
}
