package yaml

import (
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// locate finds where in the text each property of each app stands.
func locate(root *yaml.Node, config ecosystem.Config) []ecosystem.Position {
	var out []ecosystem.Position
	apps := root
	if config.Under != "" && root.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(root.Content); i += 2 {
			out = append(out, buildPosition(ecosystem.TopLevel, "", root.Content[i]))
			if root.Content[i].Value == config.Under {
				apps = resolveAlias(root.Content[i+1])
			}
		}
	}
	each := []*yaml.Node{apps}
	if apps.Kind == yaml.SequenceNode {
		each = apps.Content
	}
	for i, app := range each {
		app = resolveAlias(app)
		out = append(out, ecosystem.Position{App: i, Line: app.Line, Col: app.Column, Width: 1})
		l := locator{app: i, seen: map[*yaml.Node]bool{}}
		l.add("", app)
		out = append(out, l.out...)
	}
	return out
}

// locator collects the positions of one app.
type locator struct {
	app  int
	seen map[*yaml.Node]bool // mappings whose keys the app has
	out  []ecosystem.Position
}

// add locates the keys of a mapping, those that it merges, and those of its mappings.
func (l *locator) add(prefix string, n *yaml.Node) {
	if n.Kind != yaml.MappingNode || l.seen[n] {
		return
	}
	l.seen[n] = true
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], resolveAlias(n.Content[i+1])
		if isMerge(key) {
			for _, source := range listSources(value) {
				l.add(prefix, source)
			}
			continue
		}
		l.out = append(l.out, buildPosition(l.app, prefix, key))
		if prefix == "" {
			l.add(key.Value+".", value)
		}
	}
}

// listSources returns the mappings that a merge key names.
func listSources(n *yaml.Node) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		return []*yaml.Node{n}
	}
	out := make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		out[i] = resolveAlias(child)
	}
	return out
}

func buildPosition(app int, prefix string, key *yaml.Node) ecosystem.Position {
	return ecosystem.Position{App: app, Key: prefix + key.Value, Line: key.Line, Col: key.Column, Width: max(1, utf8.RuneCountInString(key.Value))}
}

// resolveAlias returns the node that an alias names, or the node itself.
func resolveAlias(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}
