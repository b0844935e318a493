package sandbox

// YAMLLibrary is the text of js-yaml, for Node to load the same.
func YAMLLibrary() string { return jsYAML }
