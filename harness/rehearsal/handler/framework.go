package handler

import (
	"regexp"
	"slices"
)

// framework is how an app of it comes to listen, and where its server of Node's is.
type framework struct {
	name, module string
	calls        *regexp.Regexp // up to the bracket
	function     bool           // the call is of a function, and of no method
	wraps        bool           // drainOnSigint takes what the call returns; else what it is a method of
	server       string         // of what drainOnSigint takes, as JavaScript
}

// frameworks are those that are known, the most telling first: an app of Nest imports Express
// as well, and any may import http.
func frameworks() []framework {
	listen := regexp.MustCompile(`(?:\?\.|\.)\s*listen\s*\(`)
	return []framework{
		{name: "NestJS", module: "@nestjs/core", calls: listen, wraps: true, server: "app"},
		{name: "Fastify", module: "fastify", calls: listen, server: "app.server"},
		{name: "hapi", module: "@hapi/hapi", calls: regexp.MustCompile(`(?:\?\.|\.)\s*start\s*\(`), server: "app.listener"},
		{name: "Restify", module: "restify", calls: listen, server: "app.server"},
		{name: "Hono", module: "@hono/node-server", calls: regexp.MustCompile(`\bserve\s*\(`), function: true, wraps: true, server: "app"},
		{name: "Polka", module: "polka", calls: listen, wraps: true, server: "app.server"},
		{name: "Koa", module: "koa", calls: listen, wraps: true, server: "app"},
		{name: "Express", module: "express", calls: listen, wraps: true, server: "app"},
		{name: "Connect", module: "connect", calls: listen, wraps: true, server: "app"},
		{name: "Node's https", module: "https", calls: listen, wraps: true, server: "app"},
		{name: "Node's http", module: "http", calls: listen, wraps: true, server: "app"},
	}
}

// frameworkOf is the framework by which a file listens: that which it loads itself, or else that
// which any other file of the app loads.
func frameworkOf(file source, all []source) (framework, bool) {
	for _, files := range [][]source{{file}, all} {
		for _, f := range frameworks() {
			if slices.ContainsFunc(files, func(s source) bool { return imports(s.text, s.code, f.module) }) {
				return f, true
			}
		}
	}
	return framework{}, false
}
