package main

import (
	"fmt"
	"io"
	"strings"
)

const preamble = `# Third-party notices

The pm2drill binary contains the Go modules below, and the standard library and runtime of the Go release that builds it. ` + "`make notices`" + ` writes this file from ` + "`go list -deps ./harness/cmd/pm2drill`" + ` and from the licence files of the modules; a test fails when it is out of date.

Not in the binary, and not listed here:

- Go modules of the tests and tools in ` + "`go.mod`" + `;
- npm packages that the apps in ` + "`fixtures/node-apps`" + ` and the engines in ` + "`harness/engine/peers`" + ` use, PM2 and Node.js: the binary holds their names and versions (` + "`package-lock.json`" + `) and none of their code. They are downloaded when the images are built.

The JavaScript, CSS and HTML of the reports are part of pm2drill.

| module | version | licences and notices |
|---|---|---|
`

// goModule is a module of the Go project. Its licence and patent grant are word for
// word those of Go itself, whose own files some distributions leave out.
const goModule = "golang.org/x/sys"

// render writes a table of the modules and, below it, each distinct text once.
func render(w io.Writer, modules []module) error {
	var table, texts strings.Builder
	table.WriteString(preamble)
	numbers := map[string]int{} // of a text
	users := map[int][]string{}
	var distinct []file
	addRow := func(name, version string, files []file) {
		var links []string
		for _, f := range files {
			n, known := numbers[f.text]
			if !known {
				distinct = append(distinct, f)
				n = len(distinct)
				numbers[f.text] = n
			}
			users[n] = append(users[n], name+" ("+f.name+")")
			links = append(links, fmt.Sprintf("[%s](#text-%d)", f.kind, n))
		}
		fmt.Fprintf(&table, "| %s | %s | %s |\n", name, version, strings.Join(links, ", "))
	}
	for _, m := range modules {
		if m.Path == goModule {
			addRow("Go's standard library and runtime", "the Go release of the build", m.files)
		}
	}
	for _, m := range modules {
		addRow(m.Path, m.Version, m.files)
	}
	for i, f := range distinct {
		fmt.Fprintf(&texts, "\n## Text %d\n\n%s, of %s:\n\n````text\n%s\n````\n", i+1, f.kind, strings.Join(users[i+1], ", "), strings.TrimRight(f.text, "\n"))
	}
	_, err := io.WriteString(w, table.String()+texts.String())
	return err
}
