package handler

import (
	"strings"
	"testing"
)

// appOf is an app of these files, of which the first is its script.
func appOf(entry string, files map[string]string) App {
	return App{Entry: entry, Read: func(name string) ([]byte, bool) {
		text, ok := files[name]
		return []byte(text), ok
	}}
}

// TestFind: the calls that listen are found in code as people write it, and nowhere else.
func TestFind(t *testing.T) {
	for _, c := range []struct {
		name, entry string
		files       map[string]string
		framework   string
		places      string
		want        map[string]string // of a changed file, what it says now
	}{
		{"Express", "server.js", map[string]string{"server.js": "#!/usr/bin/env node\n'use strict';\n// app.listen(1)\nconst express = require('express');\nconst app = express();\napp.get('/', (req, res) => res.send(`app.listen(${'}'})`));\nconst server = app.listen(process.env.PORT || 3000, () => {\n  console.log('up )');\n});\n"},
			"Express", "server.js:7", map[string]string{"server.js": "// app.listen(1)\nconst drainOnSigint = require('./drain-on-sigint.js');\nconst express = ", " server.js": "const server = drainOnSigint(app.listen(process.env.PORT || 3000, () => {\n  console.log('up )');\n}));\n"}},
		{"express-generator", "bin/www", map[string]string{"bin/www": "#!/usr/bin/env node\nvar app = require('../app')\nvar http = require('http')\nvar server = http.createServer(app)\nserver.listen(3000)\nserver.on('error', f)\n", "app.js": "var express = require('express')\nmodule.exports = express()\n"},
			"Node's http", "bin/www:5", map[string]string{"bin/www": "const drainOnSigint = require('./drain-on-sigint.js')\nvar app", " bin/www": "\ndrainOnSigint(server.listen(3000))\n"}},
		{"split in two files", "index.js", map[string]string{"index.js": "const app = require('./src/app');\nif (require.main === module) app.listen(80);\n", "src/app.js": "const Koa = require('koa');\nmodule.exports = new Koa();\n"},
			"Koa", "index.js:2", map[string]string{"index.js": "module) drainOnSigint(app.listen(80));\n"}},
		{"new and a chain over lines", "a.mjs", map[string]string{"a.mjs": "import Koa from 'koa'\nexport default new Koa()\n  .use(ctx => { ctx.body = /[/)]/.test('x') })\n  .listen(3000)\n"},
			"Koa", "a.mjs:2", map[string]string{"a.mjs": "import drainOnSigint from './drain-on-sigint.mjs'\nimport Koa from 'koa'\nexport default drainOnSigint(new Koa()\n  .use(ctx => { ctx.body = /[/)]/.test('x') })\n  .listen(3000))\n"}},
		{"Fastify", "app.js", map[string]string{"package.json": `{"type": "module"}`, "app.js": "import Fastify from 'fastify'\nconst fastify = Fastify({ logger: true })\ntry {\n  await fastify.listen({ port: 3000 })\n} catch (err) { process.exit(1) }\n"},
			"Fastify", "app.js:4", map[string]string{"app.js": "await drainOnSigint(fastify).listen({ port: 3000 })"}},
		{"Fastify's plugin beside http", "s.js", map[string]string{"s.js": "const http = require('http');\nconst f = require('fastify')();\nf.listen({ port: 1 }, (err) => { if (err) throw err; });\n"},
			"Fastify", "s.js:3", map[string]string{"s.js": "drainOnSigint(f).listen("}},
		{"Nest in TypeScript", "src/main.ts", map[string]string{"src/main.ts": "import { NestFactory } from '@nestjs/core';\nimport { AppModule } from './app.module';\nasync function bootstrap() {\n  const app = await NestFactory.create(AppModule);\n  await app.listen(process.env.PORT ?? 3000);\n}\nbootstrap();\n"},
			"NestJS", "src/main.ts:5", map[string]string{"src/main.ts": "import drainOnSigint from './drain-on-sigint';\n", " src/main.ts": "  drainOnSigint(await app.listen(process.env.PORT ?? 3000));\n"}},
		{"Hono", "i.js", map[string]string{"i.js": "import { serve } from '@hono/node-server'\nimport app from './app.js'\nserve({ fetch: app.fetch, port: 3000 }, (info) => console.log(info.port))\n", "app.js": "import { Hono } from 'hono'\nexport default new Hono()\n"},
			"Hono", "i.js:3", map[string]string{"i.js": "\ndrainOnSigint(serve({ fetch: app.fetch, port: 3000 }, (info) => console.log(info.port)))\n"}},
		{"hapi", "h.js", map[string]string{"h.js": "const Hapi = require('@hapi/hapi');\nconst init = async () => {\n  const server = Hapi.server({ port: 3000 });\n  await server.start();\n};\ninit();\n"},
			"hapi", "h.js:4", map[string]string{"h.js": "  await drainOnSigint(server).start();\n"}},
		{"two places and CRLF", "x.js", map[string]string{"x.js": "const http = require('http');\r\nconst s = http.createServer();\r\nif (process.env.SOCK) s.listen(process.env.SOCK);\r\nelse s?.listen(3000);\r\n"},
			"Node's http", "x.js:3 x.js:4", map[string]string{"x.js": "drain-on-sigint.js');\r\nconst http", " x.js": "drainOnSigint(s.listen(process.env.SOCK));\r\nelse drainOnSigint(s?.listen(3000));\r\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := appOf(c.entry, c.files).Find()
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(h.Places, " "); h.Framework != c.framework || got != c.places {
				t.Errorf("%s at %s, want %s at %s", h.Framework, got, c.framework, c.places)
			}
			after := map[string]string{}
			for _, f := range h.Files {
				after[f.Name] = string(f.After)
			}
			for name, want := range c.want {
				if name = strings.TrimSpace(name); !strings.Contains(after[name], want) {
					t.Errorf("%s is\n%s\nwant in it\n%s", name, after[name], want)
				}
			}
			if len(h.Files) != 2 || after[h.Name] != h.Code || h.Files[0].Before != nil {
				t.Errorf("%d files, of which %s is the handler's", len(h.Files), h.Name)
			}
		})
	}
}

// TestNoPlace: where no code can be added, the reason is said.
func TestNoPlace(t *testing.T) {
	for _, c := range []struct {
		name, entry string
		files       map[string]string
		want        string
	}{
		{"npm", "npm", nil, "npm is no JavaScript"},
		{"a package", "node_modules/next/dist/bin/next", map[string]string{"node_modules/next/dist/bin/next": "#!/usr/bin/env node\n"}, "project's own"},
		{"a handler of its own, and a comment before it", "a.js", map[string]string{"a.js": "// SIGINT\nrequire('http').createServer().listen(1);\nfor (const s of ['SIGINT']) process.on(s, () => process.exit());\n"}, "already handles SIGINT at a.js:3"},
		{"a handler of its own", "a.js", map[string]string{"a.js": "require('http').createServer().listen(1);\nprocess.on('SIGINT', () => process.exit());\n"}, "already handles SIGINT at a.js:2"},
		{"a package that hears it", "a.js", map[string]string{"a.js": "const app = require('express')();\nrequire('http-graceful-shutdown')(app.listen(1));\n"}, "already handles SIGINT at a.js:2"},
		{"a build", "dist/main.js", map[string]string{"dist/main.js": "require('http').createServer().listen(1);\n"}, "output of a build"},
		{"nothing listens", "a.js", map[string]string{"a.js": "require('./b');\n", "b.js": "// app.listen(1)\n"}, "the 1 other files"},
		{"two frameworks", "a.js", map[string]string{"a.js": "require('fastify')().listen({});\nrequire('./b');\n", "b.js": "require('express')().listen(1);\n"}, "each needs code of its own"},
		{"cut off", "a.js", map[string]string{"a.js": "require('express')().listen(1;\n"}, "cannot be told"},
		{"there already", "a.js", map[string]string{"a.js": "require('express')().listen(1);\n", "drain-on-sigint.js": "x"}, "is there already"},
	} {
		if h, err := appOf(c.entry, c.files).Find(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v, want %q", c.name, h.Places, err, c.want)
		}
	}
}

// TestCode: the code is for the module system, the way in which PM2 tells the app to end, and
// what the app has of WebSockets.
func TestCode(t *testing.T) {
	files := map[string]string{"a.js": "const { WebSocketServer } = require('ws');\nrequire('express')().listen(1);\n"}
	app := appOf("a.js", files)
	h, err := app.Find()
	if err != nil || !strings.Contains(h.Code, "require('net')") || !strings.Contains(h.Code, "webSockets") || !strings.Contains(h.Code, "process.on('SIGINT', end)") {
		t.Errorf("%v:\n%s", err, h.Code)
	}
	app.Message = true
	if h, err = app.Find(); err != nil || strings.Contains(h.Code, "process.on('SIGINT'") || !strings.Contains(h.Code, "message === 'shutdown' && end())") {
		t.Errorf("%v:\n%s", err, h.Code)
	}
	if h, err = appOf("a.ts", map[string]string{"a.ts": "import express from 'express';\nexpress().listen(1);\n"}).Find(); err != nil || !strings.HasPrefix(h.Code, "// @ts-nocheck\n") || strings.Contains(h.Code, "webSockets") || !strings.Contains(h.Code, "export default function") {
		t.Errorf("%v:\n%s", err, h.Code)
	}
}

// TestMask: what is no code is blank, and the rest stands where it stood.
func TestMask(t *testing.T) {
	for source, want := range map[string]string{
		"a(')') // b\nc":          "a(   )     \nc",
		"/* x */ y / z / w":       "        y / z / w",
		"x = /a\\/[/]b/g.test(y)": "x =           g.test(y)",
		"`a${ f(`}`) }b` + c":     "                + c",
		"return /x/;":             "return    ;",
		"'un":                     "   ",
	} {
		if got := string(mask([]byte(source))); len(got) != len(source) || strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
			t.Errorf("%q is masked as %q, want %q", source, got, want)
		}
	}
}

// FuzzFind: no source takes it out of bounds, and what it changes is only added to.
func FuzzFind(f *testing.F) {
	f.Add("const app = require('express')();\nawait app.listen(1, () => `${x}`)")
	f.Add("new (require('koa'))().use(x)[0]?.listen(")
	f.Fuzz(func(t *testing.T, source string) {
		h, err := appOf("a.js", map[string]string{"a.js": "require('express');" + source}).Find()
		if err != nil {
			return
		}
		for _, file := range h.Files {
			if len(file.After) < len(file.Before) {
				t.Errorf("%q became %q", file.Before, file.After)
			}
		}
	})
}
