package remedy

import (
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
)

func TestRedact(t *testing.T) {
	tests := []struct{ name, in, secret, keep string }{
		{"url", "connect to postgres://app:hunter2@db:5432/x failed", "hunter2", "@db:5432/x failed"},
		{"url with user only", "amqp://s3cr3ttoken@mq/", "s3cr3ttoken", "@mq/"},
		{"plain url", "GET http://127.0.0.1:3000/healthz refused", "", "http://127.0.0.1:3000/healthz"},
		{"key=value", "DB_PASSWORD=hunter2 node server.js", "hunter2", "node server.js"},
		{"key: value", "Error: password: hunter2, host: db", "hunter2", "host: db"},
		{"json", `{"apiKey":"abc\"def","host":"db"}`, "def", `"host":"db"`},
		{"single quotes", "{ client_secret: 'a b c', port: 1 }", "a b c", "port: 1"},
		{"query", "/login?token=abcdef&user=me", "abcdef", "user=me"},
		{"flag", "mysqld --password hunter2 --port 3306", "hunter2", "--port 3306"},
		{"flag with =", "mysqld --password=hunter2 --port 3306", "hunter2", "--port 3306"},
		{"bearer", "authorization header was: Bearer abc.def-ghi", "abc.def-ghi", "header was"},
		{"jwt", "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl expired", "eyJzdWIiOiIxIn0", "expired"},
		{"aws", "key AKIAIOSFODNN7EXAMPLE denied", "AKIAIOSFODNN7EXAMPLE", "denied"},
		{"github", "remote: ghp_abcdefghijklmnop", "ghp_abcdefghijklmnop", "remote"},
		{"pem", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- x", "MIIE", " x"},
		{"cookie", "Cookie: sid=abcdef", "sid=abcdef", "Cookie: "},
		{"an address is no secret", "connect ECONNREFUSED 127.0.0.1:6379", "", "connect ECONNREFUSED 127.0.0.1:6379"},
		{"a variable's name is no secret", "Error: DATABASE_URL is not set", "", "Error: DATABASE_URL is not set"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := redact(tt.in)
			if tt.secret != "" && strings.Contains(got, tt.secret) {
				t.Errorf("the secret is still there: %q", got)
			}
			if !strings.Contains(got, tt.keep) {
				t.Errorf("got %q, want it to keep %q", got, tt.keep)
			}
		})
	}
}

func TestRedactReachesEveryText(t *testing.T) {
	const bad = "PASSWORD=hunter2"
	l := redactLine(engine.Line{
		Why: bad, Error: bad, Evidence: []engine.Fact{{Text: bad}}, RuledOut: []engine.Ruled{{Fact: bad}},
	})
	a := redactAlert(engine.Alert{
		Human: bad, Evidence: []engine.Fact{{Text: bad}}, RuledOut: []engine.Ruled{{Fact: bad}},
		Actions: []engine.Taken{{Why: bad}}, Logs: []string{bad},
		Timeline: []engine.Moment{{Text: bad}}, Next: bad, Undo: bad,
	})
	for _, s := range []string{
		l.Why, l.Error, l.Evidence[0].Text, l.RuledOut[0].Fact,
		a.Human, a.Evidence[0].Text, a.RuledOut[0].Fact, a.Actions[0].Why, a.Logs[0],
		a.Timeline[0].Text, a.Next, a.Undo,
	} {
		if strings.Contains(s, "hunter2") {
			t.Errorf("the secret is still there: %q", s)
		}
	}
}
