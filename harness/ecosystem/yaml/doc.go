// Package yaml evaluates a YAML configuration as PM2 does, which gives the text to
// js-yaml's load and takes what comes (lib/Common.js:299).
//
// go.yaml.in/yaml parses the text to nodes. What a node means is decided here, by the
// default schema of the js-yaml that the target's PM2 carries: 4.3 from PM2 7.0.2 on, 4.1
// before (package.json of pm2). Where the parser and js-yaml may read a text differently,
// or where the meaning depends on the host, the answer is that it is unsupported, with
// the place; it is never a value that PM2 might not have.
package yaml
