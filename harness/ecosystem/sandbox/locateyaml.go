package sandbox

import (
	"go.yaml.in/yaml/v3"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// locateYAML finds where in a YAML text each property of each app stands.
func locateYAML(src []byte, config ecosystem.Config) []ecosystem.Position {
	var doc yaml.Node
	if yaml.Unmarshal(src, &doc) != nil || len(doc.Content) == 0 {
		return nil
	}
	var out []ecosystem.Position
	root := doc.Content[0]
	apps := root
	if config.Under != "" {
		for i := 0; i+1 < len(root.Content); i += 2 {
			out = append(out, positionOf(ecosystem.TopLevel, "", root.Content[i]))
			if root.Content[i].Value == config.Under {
				apps = behind(root.Content[i+1])
			}
		}
	}
	each := []*yaml.Node{apps}
	if apps.Kind == yaml.SequenceNode {
		each = apps.Content
	}
	for i, app := range each {
		app = behind(app)
		at := positionOf(i, "", app)
		at.Key, at.Width = "", 1
		out = append(append(out, at), properties(i, "", app)...)
	}
	return out
}

// properties locates the keys of a mapping and of the mappings in it.
func properties(app int, prefix string, n *yaml.Node) []ecosystem.Position {
	var out []ecosystem.Position
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], behind(n.Content[i+1])
		if key.Tag == "!!merge" {
			out = append(out, properties(app, prefix, value)...)
			continue
		}
		out = append(out, positionOf(app, prefix, key))
		if prefix == "" {
			out = append(out, properties(app, key.Value+".", value)...)
		}
	}
	return out
}

func positionOf(app int, prefix string, key *yaml.Node) ecosystem.Position {
	return ecosystem.Position{App: app, Key: prefix + key.Value, Line: key.Line, Col: key.Column, Width: max(1, len(key.Value))}
}

// behind is what an alias stands for.
func behind(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}
