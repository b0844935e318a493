package observe

import "testing"

// TestKnown: a log may name a server in more ways than the settings do, and nothing that
// they do not know.
func TestKnown(t *testing.T) {
	o := Observation{Known: []Server{{"127.0.0.1:6379", BySocket}, {"db.internal:5432", BySetting}, {"search.internal", BySetting}, {"/run/postgresql", BySetting}}}
	for named, want := range map[string]string{
		"127.0.0.1:6379": "127.0.0.1:6379", "[::1]:6379": "127.0.0.1:6379", "localhost:6379": "127.0.0.1:6379",
		"10.0.0.5:5432": "db.internal:5432", "db.internal": "db.internal:5432", "search.internal": "search.internal",
		"search.internal:9200": "search.internal", "/run/postgresql/.s.PGSQL.5432": "/run/postgresql/.s.PGSQL.5432",
		"10.0.0.5:6379": "", "127.0.0.1:22": "", "127.0.0.1:5432": "", "169.254.169.254:80": "", "evil.example": "", "/run/docker.sock": "", "/run/postgresqlx/s": "",
	} {
		got, ok := o.FindKnown(named)
		if ok != (want != "") || (ok && got != want) {
			t.Errorf("%s: %s (%v), want %q", named, got, ok, want)
		}
	}
	for text, want := range map[string]string{
		"Can't reach database server at `db.internal`:`5432`": "db.internal:5432", "broker localhost:6379 is away": "127.0.0.1:6379", "at db.internal:9999": "", "": "",
	} {
		got := o.ListMentioned(text)
		if (want == "") != (len(got) == 0) || (want != "" && got[0] != want) {
			t.Errorf("%q mentions %q, want %q", text, got, want)
		}
	}
}

// TestKnownSocketsStayBelowTheirFolder: a log line may name a socket in a folder that the
// app's settings name, and none outside of it.
func TestKnownSocketsStayBelowTheirFolder(t *testing.T) {
	o := Observation{Known: []Server{{Address: "/run/postgresql", By: BySetting}}}
	for named, want := range map[string]bool{
		"/run/postgresql/.s.PGSQL.5432":    true,
		"/run/postgresql/../docker.sock":   false,
		"/run/postgresql/a/../../x.sock":   false,
		"/run/postgresql-other/.s.PGSQL.1": false,
		"/run/docker.sock":                 false,
	} {
		if _, ok := o.FindKnown(named); ok != want {
			t.Errorf("%s: known is %v, want %v", named, ok, want)
		}
	}
}
