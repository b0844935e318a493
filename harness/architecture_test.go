package harness_test

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/pm2drill/pm2drill/"

// allowed says which of our packages each package may import; a package's own
// subpackages are its own affair. "*" is anything.
var allowed = map[string][]string{
	"harness/pm2":             {"harness/host"},
	"harness/redact":          {},
	"harness/host":            {},
	"harness/evidence":        {},
	"harness/ecosystem":       {},
	"harness/lint":            {"harness/ecosystem", "harness/redact"},
	"harness/rehearsal":       {"harness/ecosystem", "harness/evidence", "harness/lint", "harness/promise", "harness/report"},
	"harness/engine":          {"harness/pm2"},
	"harness/remedy":          {"harness/engine", "harness/pm2", "harness/host", "harness/redact"},
	"harness/remedy/nodeerr":  {},
	"harness/remedy/observe":  {"harness/engine", "harness/pm2", "harness/host", "harness/redact", "harness/remedy/nodeerr"},
	"harness/remedy/diagnose": {"harness/engine", "harness/remedy/nodeerr", "harness/remedy/observe"},
	"harness/remedy/plan":     {"harness/engine", "harness/remedy/diagnose", "harness/remedy/nodeerr", "harness/remedy/observe"},
	"harness/remedy/act": {"harness/engine", "harness/pm2", "harness/host",
		"harness/remedy/drain", "harness/remedy/intent", "harness/remedy/observe", "harness/remedy/plan"},
	"harness/remedy/alert": {"harness/engine", "harness/host", "harness/redact",
		"harness/remedy/diagnose", "harness/remedy/nodeerr", "harness/remedy/observe", "harness/remedy/plan"},
	"harness/remedy/operate": {"harness/engine", "harness/host", "harness/pm2",
		"harness/remedy/act", "harness/remedy/alert", "harness/remedy/diagnose", "harness/remedy/drain",
		"harness/remedy/intent", "harness/remedy/nodeerr", "harness/remedy/observe", "harness/remedy/plan"},
	"harness/remedy/config":  {"harness/engine", "harness/pm2", "harness/remedy/plan"},
	"harness/remedy/channel": {"harness/engine", "harness/redact"},
	"harness/remedy/status":  {"harness/engine"},
	"harness/remedy/link":    {},
	"harness/remedy/sim":     {"harness/engine", "harness/remedy/diagnose", "harness/remedy/nodeerr", "harness/remedy/observe", "harness/remedy/plan"},
	"harness/remedy/drain":   {"harness/pm2", "harness/host"},
	"harness/remedy/intent":  {"harness/engine", "harness/pm2", "harness/host"},
	"harness/capture":        {"harness/ecosystem", "harness/engine", "harness/remedy", "harness/remedy/diagnose", "harness/remedy/observe", "harness/remedy/plan", "harness/pm2", "harness/host", "harness/redact"},
	"harness/load":           {"harness/evidence"},
	"harness/observer":       {"harness/evidence", "harness/pm2", "harness/host"},
	"harness/injector":       {"harness/pm2", "harness/host"},
	"harness/cluster":        {"fixtures", "harness/pm2", "harness/evidence", "harness/host"},
	"harness/fault":          {"harness/cluster", "harness/engine", "harness/evidence", "harness/injector"},
	"harness/drill": {"fixtures", "harness/cluster", "harness/engine", "harness/evidence", "harness/fault",
		"harness/load", "harness/observer", "harness/pm2"},
	"harness/promise":            {"harness/evidence"},
	"harness/variant":            {"harness/evidence"},
	"harness/shard":              {},
	"harness/rate":               {},
	"harness/report":             {"harness/rate", "harness/evidence", "harness/promise"},
	"harness/report/render":      {"harness/rate", "harness/evidence", "harness/promise", "harness/report"},
	"harness/report/page":        {"harness/evidence", "harness/promise", "harness/report", "harness/report/render"},
	"harness/report/folder":      {"harness/evidence", "harness/promise", "harness/report", "harness/report/render", "harness/report/page"},
	"harness/report/conformance": {"harness/evidence", "harness/promise", "harness/report", "harness/report/render", "harness/report/page", "harness/report/folder"},
	"harness/report/compare": {"harness/rate", "harness/evidence", "harness/promise", "harness/report", "harness/report/render", "harness/report/page", "harness/report/folder",
		"harness/report/conformance"},
	"harness/report/matrix":     {"harness/promise", "harness/report", "harness/report/render", "harness/report/page", "harness/report/folder"},
	"harness/report/reporttest": {"harness/evidence", "harness/promise", "harness/report"},
	"harness/field":             {"harness/engine", "harness/pm2"},
	"harness/matchers":          {"harness/promise"},
	"harness/release":           {},
	"harness/cmd/pm2drill":      {"*"},
	"harness/cmd/notices":       {},
	"scenarios":                 {"*"},
	"fixtures":                  {},
	"images":                    {},
}

// only says who alone may import a library.
var only = map[string][]string{
	"github.com/onsi/gomega":                 {"harness/matchers", "scenarios"},
	"github.com/onsi/ginkgo":                 {"scenarios"},
	"github.com/testcontainers/":             {"harness/cluster"},
	"github.com/moby/moby/":                  {"harness/cluster"},
	"github.com/docker/cli/":                 {"harness/cluster"},
	"github.com/chromedp/":                   {"harness/report/reporttest", "harness/report/page", "harness/report/compare"}, // tests
	"github.com/spf13/":                      {"harness/cmd/pm2drill"},
	"charm.land/":                            {"harness/cmd/pm2drill"},
	"github.com/modelcontextprotocol/":       {"harness/cmd/pm2drill"},
	"github.com/prometheus/":                 {"harness/remedy/status"},
	"github.com/wneessen/go-mail":            {"harness/remedy/channel"},
	"github.com/dop251/goja":                 {"harness/ecosystem"},
	"github.com/nlnwa/whatwg-url":            {"harness/ecosystem"},
	"github.com/evanw/esbuild/":              {"fixtures", "harness/ecosystem"},
	"go.yaml.in/yaml/v4":                     {"harness/ecosystem"},
	"go.lsp.dev/":                            {"harness/lint"},
	"github.com/pm2drill/pm2drill/scenarios": {"harness/cmd/pm2drill", "scenarios"},
}

// rooms says which rooms of the command (harness/cmd/pm2drill/internal) each may import. Verbs
// call rooms, and no room calls back: what a verb does besides, it hands down as a hook.
var rooms = map[string][]string{
	"cli":       {},
	"validate":  {"cli"},
	"session":   {"cli"},
	"live":      {"cli"},
	"watch":     {"cli", "live"},
	"hold":      {"cli", "session", "live"},
	"reproduce": {"cli", "validate", "session", "live", "hold"},
	"rehearse":  {"cli", "validate", "session"},
	"matrix":    {"cli", "session"},
	"tools":     {"cli"},
}

// apart says which rooms of the command may not import a package of ours, and why.
var apart = map[string]map[string]string{
	"cli":      {"scenarios": "it knows no verb", "harness/lint": "it knows no verb", "harness/remedy": "it knows no verb"},
	"validate": {"scenarios": "it drills nothing", "harness/drill": "it drills nothing", "harness/report": "it drills nothing"},
	"session":  {"harness/lint": "it validates nothing", "harness/capture": "it captures nothing"},
	"live":     {"scenarios": "it shows whatever it is given", "harness/drill": "it shows whatever it is given", "harness/remedy": "it shows whatever it is given"},
	"hold":     {"scenarios": "it shows whatever is held"},
	"tools":    {"scenarios": "it knows no verb", "harness/lint": "it knows no verb"},
}

type listed struct {
	ImportPath, Dir                             string
	GoFiles, Imports, TestImports, XTestImports []string
}

func TestImportMap(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		owner, may := rule(name)
		if owner == "" && name != "harness" {
			t.Errorf("package %s is not on the map: add it to harness/doc.go and here, or move it", name)
			continue
		}
		for _, imported := range p.Imports {
			if ours, ok := strings.CutPrefix(imported, module); ok && !permitted(owner, may, ours) {
				t.Errorf("%s imports %s, which the map in harness/doc.go does not allow", name, ours)
			}
		}
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			for library, users := range only {
				if strings.HasPrefix(imported, library) && !slices.Contains(users, owner) {
					t.Errorf("%s imports %s, which is for %v alone", name, imported, users)
				}
			}
		}
	}
}

// TestRooms holds the rooms of the command to their one way.
func TestRooms(t *testing.T) {
	const within = "harness/cmd/pm2drill/internal/"
	seen := map[string]bool{}
	for _, p := range packages(t) {
		room, is := strings.CutPrefix(p.ImportPath, module+within)
		if !is {
			continue
		}
		may, known := rooms[room]
		if !known {
			t.Errorf("room %s is not on the map: add it to harness/doc.go and here", room)
		}
		seen[room] = true
		for _, imported := range p.Imports {
			ours := strings.TrimPrefix(imported, module)
			if other, is := strings.CutPrefix(ours, within); is && !slices.Contains(may, other) {
				t.Errorf("room %s imports room %s, against the way that data runs", room, other)
			}
			if why, not := apart[room][ours]; not {
				t.Errorf("room %s imports %s: %s", room, ours, why)
			}
		}
	}
	if len(seen) != len(rooms) {
		t.Errorf("the map has %d rooms, and there are %d", len(rooms), len(seen))
	}
}

// pure are packages that decide by what they are given: they do no input or output, start
// nothing and read no clock.
var pure = []string{"harness/remedy/nodeerr", "harness/remedy/diagnose", "harness/remedy/plan", "harness/shard", "harness/rate"}

// impure are the packages of the standard library that a pure package may not import. What
// looks at the world in our own packages takes a context.Context.
var impure = []string{"context", "crypto/rand", "io", "log", "math/rand", "net/http", "os", "os/exec", "runtime", "sync", "syscall"}

// effects are functions of other packages that read or await the clock, or use the network.
var effects = regexp.MustCompile(`\b(time\.(After|AfterFunc|NewTicker|NewTimer|Now|Since|Sleep|Tick|Until)|net\.(Dial|Interface|Listen|Lookup|Resolve)\w*)\b`)

func TestPurePackages(t *testing.T) {
	seen := 0
	for _, p := range packages(t) {
		if !slices.Contains(pure, strings.TrimPrefix(p.ImportPath, module)) {
			continue
		}
		seen++
		for _, imported := range p.Imports {
			if slices.ContainsFunc(impure, func(x string) bool { return imported == x || strings.HasPrefix(imported, x+"/") }) {
				t.Errorf("%s imports %s, and is to be pure", p.ImportPath, imported)
			}
		}
		for _, file := range p.GoFiles {
			text, err := os.ReadFile(filepath.Join(p.Dir, file))
			if err != nil {
				t.Fatal(err)
			}
			if used := effects.Find(text); used != nil {
				t.Errorf("%s/%s uses %s, and is to be pure", p.ImportPath, file, used)
			}
		}
	}
	if seen != len(pure) {
		t.Errorf("%d of %d pure packages are there", seen, len(pure))
	}
}

// rule finds the map's entry for a package or for the one it is part of.
func rule(name string) (owner string, may []string) {
	for p, m := range allowed {
		if (name == p || strings.HasPrefix(name, p+"/")) && len(p) > len(owner) {
			owner, may = p, m
		}
	}
	return owner, may
}

func permitted(owner string, may []string, imported string) bool {
	if slices.Contains(may, "*") || imported == owner || strings.HasPrefix(imported, owner+"/") {
		return true
	}
	// A package's own parent may hand down its types.
	return slices.Contains(may, imported) || strings.HasPrefix(imported, owner)
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports,TestImports,XTestImports", module+"...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("cannot list packages: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 10 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	return all
}
