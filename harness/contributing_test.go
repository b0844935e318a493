package harness_test

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

var (
	inlineCode = regexp.MustCompile("`([^`]+)`")
	ownPath    = regexp.MustCompile(`^(\./)?(harness|scenarios|fixtures|images|reports)(/[A-Za-z0-9_.-]+)*$`)
	ownName    = regexp.MustCompile(`^(NAME|ID|ID_NAME)(\.[a-z]+)?$`) // stands for a contributor's own
)

// TestContributingNamesWhatExists: each recipe of CONTRIBUTING.md names files and folders that
// exist, but for the contributor's own, whose folders do, and make targets that exist.
func TestContributingNamesWhatExists(t *testing.T) {
	text, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	recipes := strings.Split(string(text), "\n## ")[1:]
	if len(recipes) != 5 {
		t.Errorf("there are %d recipes, want 5", len(recipes))
	}
	for _, recipe := range append(recipes, string(text)) {
		title, _, _ := strings.Cut(recipe, "\n")
		named := 0
		for _, code := range inlineCode.FindAllStringSubmatch(recipe, -1) {
			for _, word := range strings.Fields(code[1]) {
				file := path.Clean(strings.TrimSuffix(word, "/..."))
				if !ownPath.MatchString(file) {
					continue
				}
				named++
				if ownName.MatchString(path.Base(file)) {
					file = path.Dir(file)
				}
				if _, err := os.Stat(path.Join("..", file)); err != nil {
					t.Errorf("%s: it names %s, which does not exist", title, word)
				}
			}
			if target, found := strings.CutPrefix(code[1], "make "); found && !strings.Contains(string(makefile), "\n"+target+":") {
				t.Errorf("%s: it names the target %s, which the Makefile does not have", title, target)
			}
		}
		if named < 4 {
			t.Errorf("%s: it names %d files", title, named)
		}
	}
}
