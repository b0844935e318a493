package nodeerr

import "testing"

// TestOutside: what may pass by itself is told from what only people can mend, in the
// words of common drivers.
func TestOutside(t *testing.T) {
	for text, want := range map[string]bool{
		"AggregateError [ECONNREFUSED]: \n    at internalConnectMultiple (node:net:1118:18)":                     true,
		"Error\n    at x (/srv/a.js:1:1) {\n  [errors]: [ Error: connect ECONNREFUSED ::1:5432 ]":                true,
		"PrismaClientInitializationError: Can't reach database server at `localhost:5432`":                       true,
		"error: the database system is starting up":                                                              true,
		"FATAL: the database system is in recovery mode":                                                         true,
		"error: sorry, too many clients already":                                                                 true,
		"error: remaining connection slots are reserved for roles with the SUPERUSER attribute\n  code: '53300'": true,
		"MaxRetriesPerRequestError: Reached the max retries per request limit (which is 20).":                    true,
		"Error: Connection lost: The server closed the connection.\n  code: 'PROTOCOL_CONNECTION_LOST'":          true,
		"Error: getaddrinfo EAI_AGAIN db":                                                                        true,
		"Error: getaddrinfo ENOTFOUND db":                                                                        true,
		"MongoServerSelectionError: Server selection timed out after 30000 ms":                                   true,
		"KafkaJSNumberOfRetriesExceeded: Connection timeout":                                                     true,
		"Error: Socket closed abruptly during opening handshake":                                                 true,
		"Error: self-signed certificate in certificate chain\n  code: 'SELF_SIGNED_CERT_IN_CHAIN'":               true,
		"Error: read ECONNRESET": true,
		"Error: Client network socket disconnected before secure TLS connection was established":                              true,
		"TypeError: fetch failed\n  [cause]: ConnectTimeoutError: Connect Timeout Error\n    code: 'UND_ERR_CONNECT_TIMEOUT'": true,
		"SequelizeConnectionRefusedError":                                true,
		"Error: ER_CON_COUNT_ERROR: Too many connections":                true,
		"Error: ENOENT: no such file or directory, open '/etc/app.json'": true,
		"Error: Cannot find module './config'":                           true,
		"Error: DATABASE_URL is not set":                                 false,
		"Error: Missing required environment variable STRIPE_KEY":        false,
		"SyntaxError: Unexpected token '}'":                              false,
		"TypeError: Cannot read properties of undefined (reading 'connection')\n    at connect (/srv/app/node_modules/pg/lib/client.js:1:1)": false,
		"ReferenceError: server is not defined": false,
		"Error: boom":                           false,
	} {
		if got := LooksOutside(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	for text, want := range map[string]bool{
		"Error: DATABASE_URL is not set": true, "Error: Missing required environment variable STRIPE_KEY": true, "SyntaxError: Unexpected token '}'": true,
		"Error: boom": false, "TypeError: x is not a function": false, "Error: connect ECONNREFUSED 10.0.0.5:5432": false,
	} {
		if got := IsLasting(text); got != want {
			t.Errorf("%q lasts: %v, want %v", text, got, want)
		}
	}
	for text, want := range map[string]bool{
		"Error: boom": false,
		"Error: boom\n    at Object.<anonymous> (/srv/app/server.js:3:9)\n    at Module._compile (node:internal/modules/cjs/loader:1554:14)":                   true,
		"Error: boom\n    at Object.<anonymous> (/srv/app/node_modules/x/a.js:3:9)\n    at Module._compile (node:internal/modules/cjs/loader:1554:14)":         false,
		"Error: boom\n    at start (/srv/app/server.mjs:3:9)\n    at async ModuleJob.run (node:internal/modules/esm/module_job:343:25)":                        false,
		"Error: no database\n    at Object.<anonymous> (/srv/app/server.js:3:9)\n    at Module._compile (node:internal/modules/cjs/loader:1554:14)":            false,
		"TypeError: x is not a function\n    at start (/srv/app/server.js:3:9)":                                                                                true,
		"TypeError: x is not a function\n    at start (/srv/app/node_modules/pg/lib/client.js:1:1)":                                                            false,
		"TypeError: fetch failed\n    at x (node:internal/deps/undici/undici:1:1)\n  [cause]: SocketError: other side closed\n    code: 'UND_ERR_SOCKET'":      false,
		"error: password authentication failed for user \"app\"\n    at Parser.parse (/srv/app/node_modules/pg-protocol/dist/parser.js:38:38)\n code: '28P01'": false,
	} {
		if got := IsOwn(text); got != want {
			t.Errorf("%q is the app's own: %v, want %v", text, got, want)
		}
	}
}
