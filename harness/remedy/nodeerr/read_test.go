package nodeerr

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// TestRead: the same error is read the same in every form in which it may reach the engine.
func TestRead(t *testing.T) {
	const refused = "AggregateError [ECONNREFUSED]: \n    at internalConnectMultiple (node:net:1118:18) {\n  code: 'ECONNREFUSED',\n  [errors]: [\n" +
		"    Error: connect ECONNREFUSED ::1:5432\n        at x (node:net:1:1) {\n      code: 'ECONNREFUSED',\n      address: '::1',\n      port: 5432\n    },\n" +
		"    Error: connect ECONNREFUSED 127.0.0.1:5432\n        at x (node:net:1:1) {\n      address: '127.0.0.1',\n      port: 5432\n    }\n  ]\n}"
	both := []string{"[::1]:5432", "127.0.0.1:5432"}
	pm2, err := json.Marshal(map[string]any{"message": refused + "\n", "type": "err", "process_id": 0, "app_name": "web"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, text string
		class      Class
		servers    []string
	}{
		{"as Node prints it", refused, Refused, both},
		{"of PM2's log_type json", string(pm2), Refused, both},
		{"cut off in the middle", string(pm2)[:400], Refused, both},
		{"in colours", "\x1b[31m" + strings.ReplaceAll(refused, "'ECONNREFUSED'", "\x1b[32m'ECONNREFUSED'\x1b[39m") + "\x1b[0m", Refused, both},
		{"with a time before it", "2026-11-30 10:00:00 +00:00: Error: connect ECONNREFUSED 127.0.0.1:5432", Refused, both[1:]},
		{"as pm2 logs shows it", "0|web      | Error: connect ECONNREFUSED 127.0.0.1:5432", Refused, both[1:]},
		{"level before it", "[2026-11-30T10:00:00.000Z] ERROR (web/77): connect ECONNREFUSED 127.0.0.1:5432", Refused, both[1:]},
		{"a logger of its own", `{"severity":"ERROR","message":"boot failed","exception":{"message":"connect ECONNREFUSED 127.0.0.1:5432"}}`, Refused, both[1:]},
		{"JSON within JSON", `{"message":"{\"lvl\":\"error\",\"error\":\"connect ECONNREFUSED 127.0.0.1:5432\"}","type":"out"}`, Refused, both[1:]},
		{"a Unix socket", "Error: connect ENOENT /run/pg.sock", Refused, []string{"/run/pg.sock"}},
		{"backticks", "PrismaClientInitializationError: Can't reach database server at `db.internal`:`5432`", Unreachable, []string{"db.internal:5432"}},
		{"a list of codes", `{"level":"error","message":"oops","options":{"retry":{"errorCodes":["ETIMEDOUT","EADDRINUSE"]}}}`, Unknown, nil},
		{"a list of codes, printed", "Error: oops\n    at x (y.js:1:1) {\n  errorCodes: [\n    'ETIMEDOUT',\n    'EADDRINUSE'\n  ]\n}", Unknown, nil},
		{"a port that looks like a SQLSTATE", "listening on 53300", Unknown, nil},
		{"source above a caret", "/srv/a.js:3\n  throw new Error(`ECONNREFUSED connection`)\n  ^\n\nError: oops\n    at x (/srv/a.js:3:9)", Unknown, nil},
		{"an address for each family, deeper than what is printed", "Error: cannot start: migrations not applied\n    at main (/srv/a.js:3:9)\n    ... 4 lines matching cause stack trace ...\n    at node:internal/main/run_main_module:28:49 {\n" +
			"  [cause]: AggregateError\n      at internalConnectMultiple (node:net:1118:18) {\n    [errors]: [ [Error], [Error] ]\n  }\n}", Server, nil},
		{"promises of the app's own", "AggregateError: All promises were rejected\n    at main (/srv/a.js:3:9)", Unknown, nil},
		{"a full heap, with the frames of V8", "<--- JS stacktrace --->\n\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n\n" +
			" 9: 0x10b8304 v8::internal::FactoryBase::AllocateRaw(int) [node /srv/server.js]\n10: 0x128ed12  [node /srv/server.js]\n", Heap, nil},
		{"nothing", "", Unknown, nil},
	} {
		got := Read(c.text)
		if got.Class != c.class || !reflect.DeepEqual(got.Servers, c.servers) {
			t.Errorf("%s: %q of %q, want %q of %q", c.name, got.Class, got.Servers, c.class, c.servers)
		}
	}
}

// TestIsLogged: an error that is logged on stdout is told from what else is.
func TestIsLogged(t *testing.T) {
	for text, want := range map[string]bool{
		`{"level":30,"time":1,"msg":"connecting to the database"}`:                                         false,
		`{"level":50,"time":1,"msg":"cannot start"}`:                                                       true,
		`{"level":"info","message":"listening"}`:                                                           false,
		`{"level":"warn","err":{"type":"Error","message":"read ECONNRESET","stack":"Error: read\n at x"}}`: true,
		"ERROR cannot start":          true,
		"[10:00:00] ERROR: no":        true,
		"Error: connect ECONNREFUSED": true,
		"listening on 3000":           false,
		`ts=2026-11-30T15:01:41.405Z level=error msg="startup failed" err="connect ECONNREFUSED 127.0.0.1:1"`: true,
		`time=1764500000 severity="ERROR" msg=no`:                                                             true,
		"ts=2026-11-30T15:01:41.405Z level=info msg=\"error page\"":                                           false,
		"error: cannot start":                      true,
		"2026-11-30 15:01:41 [error] cannot start": true,
		"error pages are cached":                   false,
		"0 errors, ECONNREFUSED ignored":           false,
	} {
		if got := IsLogged(text); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// FuzzRead: no text is too strange, and what comes out of one is bounded.
func FuzzRead(f *testing.F) {
	f.Add("Error: connect ECONNREFUSED ::1:5432\n    at x {\n  code: 'ECONNREFUSED'\n}")
	f.Add(`{"level":50,"err":{"code":"28P01","message":"x\u00e9\"y"},"msg":"{\"a\":`)
	f.Add("0|a | \x1b[31m[10:00] ERROR: {\"errno\":1040")
	f.Fuzz(func(t *testing.T, text string) {
		r := Read(text)
		if len(r.Servers) > maxServers || (r.Class == Unknown && r.Code != "") {
			t.Fatalf("%+v", r)
		}
		if again := Read(text); again.Class != r.Class {
			t.Fatalf("read as %q and as %q", r.Class, again.Class)
		}
		if h := FindHeadline(text); len(h) > MaxError+len("…") {
			t.Fatalf("a headline of %d bytes", len(h))
		}
		IsLogged(text)
	})
}

// BenchmarkRead reads every recorded text once a round: ns/op over their number is the cost of one.
func BenchmarkRead(b *testing.B) {
	all := readWordings(b)
	bytes := 0
	for _, w := range all {
		bytes += len(w.Text)
	}
	b.SetBytes(int64(bytes))
	for b.Loop() {
		for _, w := range all {
			Read(w.Text)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(all)), "ns/text")
}
