package yaml

import (
	"cmp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// readValue returns what a node means.
func (r *reader) readValue(n *yaml.Node, p place) (ecosystem.Value, error) {
	if err := cmp.Or(r.checkDepth(n, p.level), r.checkName(n), r.checkPlace(n, p)); err != nil {
		return ecosystem.Value{}, err
	}
	if n.Kind == yaml.AliasNode {
		return r.readAlias(n)
	}
	tag, err := r.findTag(n)
	if err != nil {
		return ecosystem.Value{}, err
	}
	before := r.values
	if err := r.count(n, 1); err != nil {
		return ecosystem.Value{}, err
	}
	if r.names[n.Anchor] {
		return ecosystem.Value{}, r.newDoubt(n, "an anchor within another of its name")
	}
	r.open[n] = true
	if n.Anchor != "" {
		r.names[n.Anchor] = true
	}
	var v ecosystem.Value
	switch n.Kind {
	case yaml.ScalarNode:
		v, err = r.readScalar(n, tag)
	case yaml.SequenceNode:
		v, err = r.readSequence(n, tag, r.buildInnerPlace(n, p))
	case yaml.MappingNode:
		v, err = r.readMapping(n, tag, r.buildInnerPlace(n, p))
	}
	delete(r.open, n)
	delete(r.names, n.Anchor)
	if n.Anchor != "" {
		r.known[n], r.sizes[n] = v, r.values-before
	}
	return v, err
}

// readAlias returns the value that was read under the anchor.
func (r *reader) readAlias(n *yaml.Node) (ecosystem.Value, error) {
	if r.open[n.Alias] {
		r.loops++
		return ecosystem.Value{Kind: ecosystem.Circular}, nil
	}
	r.others++
	return r.known[n.Alias], r.count(n, r.sizes[n.Alias])
}

// count counts values, those of an alias as often as it occurs.
func (r *reader) count(n *yaml.Node, values int) error {
	if r.values += values; r.values > mostValues {
		return r.newDoubt(n, "more values than can be held, with those of its aliases")
	}
	return nil
}

// checkDepth refuses what js-yaml 4.3 refuses for being nested deeper than 100. It tries
// a value for a key first, which counts a level or two more.
func (r *reader) checkDepth(n *yaml.Node, level int) error {
	switch {
	case level < 97:
		return nil
	case level <= 100 || r.legacy:
		return r.newDoubt(n, "collections nested about 100 deep")
	}
	return refuse(n, "the values are nested deeper than 100")
}

func (r *reader) readSequence(n *yaml.Node, tag string, p place) (ecosystem.Value, error) {
	out := ecosystem.Value{Kind: ecosystem.Array}
	for _, child := range n.Content {
		v, err := r.readValue(child, p)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, v)
	}
	if err := r.checkEnd(n); err != nil {
		return out, err
	}
	switch tag {
	case "", "!", "!!seq":
		return out, nil
	case "!!omap":
		return out, checkOrdered(n, out)
	case "!!pairs":
		return convertPairs(n, out)
	}
	return out, refuse(n, "the tag %s does not fit a sequence", tag)
}

// checkOrdered refuses an ordered map that js-yaml refuses: of anything but objects of one
// key, each another.
func checkOrdered(n *yaml.Node, v ecosystem.Value) error {
	seen := map[string]bool{}
	for _, item := range v.Items {
		if len(item.Fields) != 1 || seen[item.Fields[0].Key] {
			return refuse(n, "the tag !!omap does not fit: each entry has to be one key, and each key another")
		}
		seen[item.Fields[0].Key] = true
	}
	return nil
}

// convertPairs makes of objects of one key lists of key and value.
func convertPairs(n *yaml.Node, v ecosystem.Value) (ecosystem.Value, error) {
	out := ecosystem.Value{Kind: ecosystem.Array}
	for _, item := range v.Items {
		if len(item.Fields) != 1 {
			return out, refuse(n, "the tag !!pairs does not fit: each entry has to be one key")
		}
		key := ecosystem.Value{Kind: ecosystem.String, Text: item.Fields[0].Key}
		out.Items = append(out.Items, ecosystem.Value{Kind: ecosystem.Array, Items: []ecosystem.Value{key, item.Fields[0].Value}})
	}
	return out, nil
}

func (r *reader) readMapping(n *yaml.Node, tag string, p place) (ecosystem.Value, error) {
	o := object{at: map[string]int{}, merged: map[string]bool{}}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if err := r.checkKey(n, n.Content[i], n.Content[i+1]); err != nil {
			return ecosystem.Value{}, err
		}
		if err := r.addPair(&o, n.Content[i], n.Content[i+1], p); err != nil {
			return ecosystem.Value{}, err
		}
	}
	out := ecosystem.Value{Kind: ecosystem.Object, Fields: o.fields}
	switch tag {
	case "", "!", "!!map":
		return out, nil
	case "!!set":
		for _, f := range o.fields {
			if !f.Value.Is(ecosystem.Null) {
				return out, refuse(n, "the tag !!set does not fit: %s has a value", f.Key)
			}
		}
		return out, nil
	}
	return out, refuse(n, "the tag %s does not fit a mapping", tag)
}

// object is a mapping that is being read.
type object struct {
	fields []ecosystem.Field
	at     map[string]int  // of fields, by key
	merged map[string]bool // keys that a merge has brought: they may be written again
}

func (o *object) set(key string, v ecosystem.Value) {
	if i, ok := o.at[key]; ok {
		o.fields[i].Value = v
		return
	}
	o.at[key] = len(o.fields)
	o.fields = append(o.fields, ecosystem.Field{Key: key, Value: v})
}

// addPair adds a key and its value to the object, or what a merge key brings.
func (r *reader) addPair(o *object, key, value *yaml.Node, p place) error {
	name, merges, err := r.readKey(key, r.buildKeyPlace(key, p))
	if err != nil {
		return err
	}
	v, err := r.readValue(value, p)
	switch {
	case err != nil:
		return err
	case merges:
		return r.merge(o, value, v)
	}
	if _, ok := o.at[name]; ok && !o.merged[name] {
		return refuse(key, "the key %s occurs twice in one mapping", strconv.Quote(name))
	}
	delete(o.merged, name)
	o.set(name, v)
	return nil
}

// readKey returns the name that a key comes to, as JavaScript makes strings of values, or
// that it is a merge key.
func (r *reader) readKey(n *yaml.Node, p place) (name string, merges bool, err error) {
	v, err := r.readValue(n, p)
	if err != nil {
		return "", false, err
	}
	if isMerge(n) {
		if r.isExplicit(n) {
			return "", false, r.newDoubt(n, "a merge key after a question mark")
		}
		return "", true, nil
	}
	name, err = r.convertName(n, v)
	return name, false, err
}

// isMerge reports whether a key is a merge key.
func isMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Value == mergeKey && key.Style&quoted == 0 && !isTagged(key)
}

func (r *reader) convertName(n *yaml.Node, v ecosystem.Value) (string, error) {
	switch {
	case v.Is(ecosystem.String):
		return v.Text, nil
	case v.Is(ecosystem.Object):
		return "[object Object]", nil
	case v.Is(ecosystem.Number), v.Is(ecosystem.Bool), v.Is(ecosystem.Null):
		return v.Inspect(), nil
	case !v.Is(ecosystem.Array):
		return "", r.newDoubt(n, "a key that is neither text nor number")
	}
	var parts []string
	for _, item := range v.Items {
		if item.Is(ecosystem.Array) {
			return "", refuse(n, "a key may not be a list of lists")
		}
		part := ""
		if !item.Is(ecosystem.Null) {
			var err error
			if part, err = r.convertName(n, item); err != nil {
				return "", err
			}
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ","), nil
}

// merge gives the object the keys of a mapping, or of each of a list, that it has not.
func (r *reader) merge(o *object, n *yaml.Node, v ecosystem.Value) error {
	sources := []ecosystem.Value{v}
	if v.Is(ecosystem.Array) {
		sources = v.Items
	}
	for _, source := range sources {
		switch {
		case source.Is(ecosystem.Array):
			for i, item := range source.Items {
				source.Fields = append(source.Fields, ecosystem.Field{Key: strconv.Itoa(i), Value: item})
			}
		case source.Is(ecosystem.Circular), source.Is(ecosystem.Other):
			return r.newDoubt(n, "a merge of something odd")
		case !source.Is(ecosystem.Object):
			return refuse(n, "the merge key << takes a mapping or a list of mappings")
		}
		for _, f := range source.Fields {
			if r.merged++; r.merged > mostMerged && !r.legacy {
				return refuse(n, "the merge keys bring more than %d keys", mostMerged)
			}
			if _, ok := o.at[f.Key]; ok {
				continue
			}
			if err := r.count(n, 1); err != nil {
				return err
			}
			o.set(f.Key, f.Value)
			o.merged[f.Key] = true
		}
	}
	return nil
}

// mostMerged is js-yaml's maxTotalMergeKeys, from 4.2 on.
const mostMerged = 10_000
