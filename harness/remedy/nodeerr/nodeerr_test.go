package nodeerr

import (
	"reflect"
	"testing"
)

func TestNeeds(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"IPv4", "Error: connect ECONNREFUSED 127.0.0.1:6379", []string{"127.0.0.1:6379"}},
		{"IPv6", "Error: connect ECONNREFUSED ::1:5432", []string{"[::1]:5432"}},
		{"both, as localhost gives", "AggregateError [ECONNREFUSED]: \n  [errors]: [\n    Error: connect ECONNREFUSED ::1:6379\n        at x,\n    Error: connect ECONNREFUSED 127.0.0.1:6379\n", []string{"[::1]:6379", "127.0.0.1:6379"}},
		{"in brackets", "(connect EHOSTUNREACH 10.0.0.5:5432)", []string{"10.0.0.5:5432"}},
		{"timeout", "connect ETIMEDOUT 10.0.0.5:5432", []string{"10.0.0.5:5432"}},
		{"name", "Error: getaddrinfo ENOTFOUND redis", []string{"redis"}},
		{"name, for now", "Error: getaddrinfo EAI_AGAIN db.internal", []string{"db.internal"}},
		{"unix socket", "connect ECONNREFUSED /run/postgresql/.s.PGSQL.5432", []string{"/run/postgresql/.s.PGSQL.5432"}},
		{"unix socket that is gone", "connect ENOENT /run/pg.sock", []string{"/run/pg.sock"}},
		{"read timeout names nobody", "read ETIMEDOUT", nil},
		{"no port", "ECONNREFUSED nonsense", nil},
		{"port out of range", "ECONNREFUSED 1.2.3.4:99999", nil},
		{"listen", "bind EADDRINUSE null:3000", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := FindServers(tt.in); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPortInUse(t *testing.T) {
	tests := []struct {
		in   string
		want bool
	}{
		{"Error: bind EADDRINUSE null:3000", true},
		{"Error: listen EADDRINUSE: address already in use :::3000", true},
		{"Error: listen EADDRINUSE: address already in use 0.0.0.0:3000", true},
		{"Error: bind EADDRINUSE null:3001", false},
		{"EADDRINUSE", true},
		{"Port 3000 is already in use", true}, // Express's generator
		{"Error: Port 3000 is already in use", true},
		{"Something is already running on port 3000.", true},
		{`{"level":"error","message":"port 3000 is in use"}`, true},
		{"Port 3001 is already in use", false},
		{"Port 3000 is in use by nobody's plan: the support page says so", true}, // a death counts, and a stranger must listen there
		{"the port of Rotterdam is in use", false},
		{"listening on port 3000", false},
		{"ECONNREFUSED 127.0.0.1:3000", false},
	}
	for _, tt := range tests {
		if got := SaysPortInUse(tt.in, 3000); got != tt.want {
			t.Errorf("%q: got %v, want %v", tt.in, got, tt.want)
		}
	}
}

func TestNormalise(t *testing.T) {
	same := [][2]string{
		{"TypeError: x is undefined\n    at f (/srv/a.js:10:3)", "noise\nTypeError: x is undefined\n    at g (/srv/b.js:11:4)"},
		{"2026-11-24T02:10:00.123Z Error: pid 7 lost", "2027-01-01T00:00:00Z Error: pid 9999 lost"},
		{"\x1b[31mError: at 0xdeadbeef\x1b[0m", "Error: at 0xcafebabe"},
	}
	for _, p := range same {
		if a, b := Normalise(p[0]), Normalise(p[1]); a != b {
			t.Errorf("%q and %q should be the same error", a, b)
		}
	}
	if a, b := Normalise("Error: A is not set"), Normalise("Error: B is not set"); a == b {
		t.Errorf("different errors are both %q", a)
	}
}

func TestHeadline(t *testing.T) {
	tests := []struct{ in, want string }{
		{"/srv/app/server.js:3\nthrow new Error('x')\n^\n\nError: x\n    at Object.<anonymous>", "Error: x"},
		{"throw new Error('x')\n^", "throw new Error('x')"},
		{"starting\nError: no luck\n    at f\n", "Error: no luck"},
		{"goodbye\n", "goodbye"},
		{"", ""},
	}
	for _, tt := range tests {
		if got := FindHeadline(tt.in); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzNeeds(f *testing.F) {
	f.Add("connect ECONNREFUSED ::1:5432")
	f.Add("ECONNREFUSED ]:1")
	f.Fuzz(func(t *testing.T, s string) {
		for _, a := range FindServers(s) {
			if a == "" {
				t.Fatal("an empty address")
			}
		}
		if len(Normalise(s)) > 8*MaxError {
			t.Fatal("unbounded")
		}
	})
}
