package variant

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

// recorded are texts that clients of servers have logged, a file for each. {host} and
// {port} stand for the server's address.
//
//go:embed words
var recorded embed.FS

// Words is how the app words that its server is away: as its own client does, or as
// another client was heard to.
func Words() Dimension {
	d := Dimension{dimWords, []Value{{"its client's own", func(*Variant) {}}}}
	texts := read(recorded)
	for _, name := range names(texts) {
		text := texts[name]
		d.Values = append(d.Values, Value{name, func(v *Variant) { v.Words = text }})
	}
	return d
}

// read returns the texts of the folder by their names.
func read(folder fs.FS) map[string]string {
	texts := map[string]string{}
	files, err := fs.Glob(folder, "words/*.txt")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, file := range files {
		text, err := fs.ReadFile(folder, file)
		if err != nil {
			panic(err) // Glob has just found it in the binary
		}
		texts[strings.TrimSuffix(strings.TrimPrefix(file, "words/"), ".txt")] = strings.TrimRight(string(text), "\n")
	}
	return texts
}

func names(texts map[string]string) []string {
	var all []string
	for name := range texts {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
