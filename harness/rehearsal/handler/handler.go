// Package handler writes the code that has an app end without losing a request, and finds where
// in the app's own files it goes.
//
//	entry script --> files of the app --> calls that listen --> files as they should be
//
// It reads files by a function of the caller's, and changes none.
package handler

import (
	"bytes"
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"text/template"
)

// App is an app as it is now.
type App struct {
	Entry   string                           // its script, relative to the folder that Read reads, with slashes
	Message bool                             // PM2 tells it to end by a message (shutdown_with_message), and not by SIGINT
	Read    func(name string) ([]byte, bool) // a file of the project; false if there is none
}

// File is a file of the app before and after the change. Before is nil of a new one.
type File struct {
	Name          string // relative to the folder, with slashes
	Before, After []byte
}

// Handler is the code, and where it goes.
type Handler struct {
	Framework string   // "Express"
	Name      string   // of the new file
	Code      string   // of it
	Places    []string // FILE:LINE of the calls that listen
	Files     []File   // the new one, and those that use it
}

// PlaceError says why there is no place for the handler.
type PlaceError string

func (e PlaceError) Error() string { return string(e) }

// hearers are packages that hear SIGINT by themselves, without an app's naming it.
var hearers = []string{"async-exit-hook", "close-with-grace", "death", "exit-hook", "fastify-graceful-shutdown", "http-graceful-shutdown", "lightship", "node-cleanup", "node-graceful-shutdown"}

// Signal is where the app itself, or a package that it loads for that, hears PM2 tell it to end:
// FILE:LINE, "" if nowhere.
func (a App) Signal() string {
	for _, s := range a.sources() {
		for _, module := range hearers {
			if !a.Message && imports(s.text, s.code, module) {
				return s.place(bytes.Index(s.text, []byte(module)))
			}
		}
		if i := bytes.Index(maskComments(s.text), []byte(a.heard())); i >= 0 {
			return s.place(i)
		}
	}
	return ""
}

// heard is the word by which PM2 tells the app to end.
func (a App) heard() string {
	if a.Message {
		return "shutdown"
	}
	return "SIGINT"
}

// Find returns the handler of the app, or a PlaceError.
func (a App) Find() (Handler, error) {
	all := a.sources()
	if len(all) == 0 {
		return Handler{}, PlaceError(fmt.Sprintf("%s is no JavaScript or TypeScript of the project's own: no code can be added there", a.Entry))
	}
	if own := a.Signal(); own != "" {
		return Handler{}, PlaceError(fmt.Sprintf("the app already handles %s at %s, and two handlers would end the process independently: put the code in the place of that one", a.heard(), own))
	}
	if i := slices.IndexFunc(all, source.compiled); i >= 0 {
		return Handler{}, PlaceError(fmt.Sprintf("%s is the output of a build: put the code into the source that it is built from", all[i].name))
	}
	var out Handler
	for _, s := range all {
		if err := out.add(a, s, all); err != nil {
			return Handler{}, err
		}
	}
	if len(out.Places) == 0 {
		return Handler{}, PlaceError(fmt.Sprintf("no call that makes a server listen was found in %s and the %d other files of the project that it loads", a.Entry, len(all)-1))
	}
	return out, nil
}

// add adds what is to be changed in one file.
func (h *Handler) add(a App, s source, all []source) error {
	f, ok := frameworkOf(s, all)
	if !ok {
		return nil
	}
	found, ok := findCalls(s.code, f)
	if !ok {
		return PlaceError(fmt.Sprintf("the call that listens in %s cannot be told from the code around it", s.name))
	}
	if len(found) == 0 {
		return nil
	}
	if h.Framework == "" {
		if err := h.write(a, s, f, all); err != nil {
			return err
		}
	}
	if !sameServer(h.Framework, f.name) {
		return PlaceError(fmt.Sprintf("%s listens by %s and %s by %s: each needs code of its own", h.Places[0], h.Framework, s.name, f.name))
	}
	for _, c := range found {
		h.Places = append(h.Places, s.place(c.whole.from))
	}
	h.Files = append(h.Files, File{Name: s.name, Before: s.text, After: s.using(h.Name, f, found)})
	return nil
}

// sameServer reports whether the code for an app of one framework is that for one of the other.
func sameServer(a, b string) bool {
	all := frameworks()
	of := func(name string) framework {
		return all[slices.IndexFunc(all, func(f framework) bool { return f.name == name })]
	}
	return of(a).server == of(b).server
}

//go:embed drain.js.tmpl
var drain string

// stem is the name of the new file without its ending.
const stem = "drain-on-sigint"

// write writes the new file, beside the one that uses it.
func (h *Handler) write(a App, beside source, f framework, all []source) error {
	h.Framework = f.name
	h.Name = path.Join(path.Dir(beside.name), stem+path.Ext(beside.name))
	if path.Ext(beside.name) == "" {
		h.Name += ".js"
	}
	if _, there := a.Read(h.Name); there {
		return PlaceError(fmt.Sprintf("%s is there already", h.Name))
	}
	t, err := template.New("drain").Parse(drain)
	if err != nil {
		return fmt.Errorf("cannot read the handler's template: %w", err)
	}
	var b strings.Builder
	err = t.Execute(&b, struct {
		TypeScript, CommonJS, Message, WebSockets bool
		Server                                    string
	}{beside.typeScript(), !beside.module, a.Message, opensWebSockets(all), f.server})
	if err != nil {
		return fmt.Errorf("cannot write the handler: %w", err)
	}
	h.Code = b.String()
	h.Files = append(h.Files, File{Name: h.Name, After: []byte(h.Code)})
	return nil
}

// opensWebSockets reports whether the app loads a package that upgrades connections.
func opensWebSockets(all []source) bool {
	return slices.ContainsFunc(all, func(s source) bool {
		return slices.ContainsFunc([]string{"ws", "socket.io", "express-ws", "@fastify/websocket", "koa-websocket", "@nestjs/platform-ws", "@nestjs/platform-socket.io", "graphql-ws", "@hono/node-ws"},
			func(module string) bool { return imports(s.text, s.code, module) })
	})
}
