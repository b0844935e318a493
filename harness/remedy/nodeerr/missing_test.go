package nodeerr

import "testing"

// TestFindMissing reads texts that Node 20, 22 and 26 have printed, and look-alikes.
func TestFindMissing(t *testing.T) {
	for text, want := range map[string]Missing{
		"Error: Cannot find module 'express'\nRequire stack:\n- /srv/app/server.js\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)": {Name: "express", From: "/srv/app/server.js"},
		"Error: Cannot find module './nope'\nRequire stack:\n- /srv/app/lib/a.js\n- /srv/app/server.js":                                                        {Name: "./nope", From: "/srv/app/lib/a.js"},
		"Error: Cannot find module '/srv/app/server.js'\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)":                            {Name: "/srv/app/server.js"},
		"Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'express' imported from /srv/app/m.mjs\n    at packageResolve (node:internal/x:1:1)":                {Name: "express", From: "/srv/app/m.mjs"},
		"Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/srv/app/x.mjs' imported from /srv/app/n.mjs":                                                       {Name: "/srv/app/x.mjs", From: "/srv/app/n.mjs"},
		"Error: ENOENT: no such file or directory, open 'config.json'\n    at Object.openSync (node:fs:573:18)":                                                {Name: "config.json"},
		"Error: EACCES: permission denied, open '/srv/app/.env'":                                                                                               {Name: "/srv/app/.env"},
		"Error: ENOENT: no such file or directory, scandir '/srv/app/migrations'":                                                                              {Name: "/srv/app/migrations"},
		"SyntaxError: /srv/app/c.json: Expected property name or '}' in JSON at position 2\n    at parse (<anonymous>)":                                        {Name: "/srv/app/c.json", Data: true},
		"SyntaxError: /srv/app/c.json: Unexpected end of JSON input":                                                                                           {Name: "/srv/app/c.json", Data: true},
		`{"level":60,"err":{"type":"Error","message":"Cannot find module 'pg'\nRequire stack:\n- /srv/app/db.js","code":"MODULE_NOT_FOUND"},"msg":"boot"}`:     {Name: "pg", From: "/srv/app/db.js"},
		"Error: listen EACCES: permission denied 0.0.0.0:80":                                                                                                   {},
		"Error: connect ENOENT /run/db.sock":        {},
		"Error: spawn ffmpeg ENOENT":                {},
		"SyntaxError: Unexpected token '}'":         {},
		"SyntaxError: Unexpected end of JSON input": {},
		"Error: DATABASE_URL is not set":            {},
	} {
		if got, ok := FindMissing(text); got != want || ok != (want != Missing{}) {
			t.Errorf("%q: %+v, %v; want %+v", text, got, ok, want)
		}
	}
	if IsOwn("SyntaxError: Unexpected end of JSON input\n    at JSON.parse (<anonymous>)") {
		t.Error("JSON that is cut off is called a fault of the code")
	}
}
