package nodeerr

import "testing"

// TestMayPass: what a start dies of is not called a fault of the app's own, or one that lasts, where
// the data, the command or the server that the app has asked may be at fault.
func TestMayPass(t *testing.T) {
	const loaded = "\n    at Object.<anonymous> (/srv/app/server.js:3:9)\n    at Module._compile (node:internal/modules/cjs/loader:1554:14)"
	const parsed = "\n    at JSON.parse (<anonymous>)\n    at boot (/srv/app/server.js:2:9)"
	for text, want := range map[string]Class{
		"SyntaxError: Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON" + parsed:                                  BadFile, // a proxy's page, of Node 20
		"SyntaxError: Unexpected token < in JSON at position 0" + parsed:                                                   BadFile, // of Node 18
		"SyntaxError: Unterminated string in JSON at position 812" + parsed:                                                BadFile, // a file that is being written
		"SyntaxError: Expected ',' or '}' after property value in JSON at position 4096" + parsed:                          BadFile,
		"Error: Command failed: ./load-settings.sh\n    at checkExecSyncError (node:child_process:890:11)" + loaded:        Unknown,
		"AssertionError [ERR_ASSERTION]: database must be reachable" + loaded:                                              Server,
		"Error: secret DB_PASSWORD is missing in vault":                                                                    Unknown,
		"Error: topic ORDERS_V2 not found":                                                                                 Unknown,
		"node: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by node)":                         Unknown,
		"Error: Worker terminated due to reaching memory limit: JS heap out of memory\n  code: 'ERR_WORKER_OUT_OF_MEMORY'": Heap,
		// And these are what they were.
		"Error: boom" + loaded: Code,
		"/srv/app/routes.js:120\n  const x = {\n            ^\n\nSyntaxError: Unexpected end of input\n    at wrapSafe (node:internal/modules/cjs/loader:1486:18)": Syntax,
		"AssertionError [ERR_ASSERTION]: 1 !== 2" + loaded:          Code,
		"Error: environment variable STRIPE_KEY not found" + loaded: Setting,
		"Error: JWT_SECRET is missing" + loaded:                     Setting,
	} {
		if got := Read(text).Class; got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}

// TestLevelAfterDate: a line of Nest's logger tells of an error; prose does not.
func TestLevelAfterDate(t *testing.T) {
	for text, want := range map[string]bool{
		"\x1b[31m[Nest] 312  - \x1b[39m11/30/2026, 6:02:11 PM \x1b[31m  ERROR\x1b[39m [NestApplication] \x1b[31mcannot listen\x1b[39m +2ms": true,
		"2026-11-30 10:00:00 +0000 312 7 shop ERROR cannot listen":                                                                          true,
		"the third line of the form has the word ERROR":                                                                                     false,
	} {
		if got := IsLogged(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
