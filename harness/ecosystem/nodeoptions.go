package ecosystem

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

//go:embed nodeoptions.txt
var nodeOptions string

// OptionFault is an argument with which Node ends before it reads a script, with exit code
// 9 or because it takes the argument for the script.
type OptionFault struct {
	Option string // as written
	Kind   OptionFaultKind
}

// OptionFaultKind is why Node ends.
type OptionFaultKind string

// The kinds.
const (
	NoSuchOption OptionFaultKind = "unknown"   // no Node of the table has it
	OtherNode    OptionFaultKind = "version"   // another Node has it
	NeedsEquals  OptionFaultKind = "equals"    // its value must come after =
	NoHyphen     OptionFaultKind = "no-hyphen" // it begins with a dash that is no hyphen
	NotInEnv     OptionFaultKind = "env"       // NODE_OPTIONS may not have it
)

// nodeOption is what the table says of an option.
type nodeOption struct {
	value    byte   // '.' takes none, '+' after = or as the next argument, '=' after = only
	has, env string // the lines of Node that have it, and whose NODE_OPTIONS may: "18-22,26"
}

// findOption looks an option up by its name without hyphens before it, false for none.
func findOption(name string) (nodeOption, bool) {
	for _, try := range []string{name, strings.TrimPrefix(name, "no-"), strings.TrimPrefix(name, "no")} {
		if o, ok := optionsByName()[try]; ok {
			return o, true
		}
	}
	return nodeOption{}, false
}

// optionsByName is the table, read once: a file of thousands of apps asks as often.
var optionsByName = sync.OnceValue(func() map[string]nodeOption {
	out := map[string]nodeOption{}
	for line := range strings.Lines(nodeOptions) {
		f := strings.Fields(line)
		if f[0] == "#" {
			continue
		}
		if f[3] == "all" {
			f[3] = f[2]
		}
		out[f[0]] = nodeOption{f[1][0], f[2], f[3]}
	}
	return out
})

// RefusedOptions are those of Node's arguments with which the target's Node ends at its
// start. inEnv says that they are of NODE_OPTIONS. A Node before 18 is not known.
func (t Target) RefusedOptions(args []string, inEnv bool) []OptionFault {
	if parseMajor(t.Node) < 18 {
		return nil
	}
	var out []OptionFault
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if strings.TrimLeft(arg, "–—−‒") != arg {
			out = append(out, OptionFault{Option: arg, Kind: NoHyphen})
			continue
		}
		name, _, joined := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-"), "=")
		if name = strings.ReplaceAll(name, "_", "-"); arg == "--" || !strings.HasPrefix(arg, "-") {
			break // what follows is the script and its arguments
		}
		if len(name) < 2 {
			if strings.Contains("repC", name) {
				i++ // its value
			}
			continue
		}
		o, known := findOption(name)
		if kind := t.findRefusal(name, o, known, joined, inEnv); kind != "" {
			out = append(out, OptionFault{Option: arg, Kind: kind})
		}
		if known && o.value != '.' && !joined && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
			i++
		}
	}
	return out
}

// findRefusal says why the target's Node refuses an option, "" if it does not. Of --debug
// it says only what it is called today (DEP0062).
func (t Target) findRefusal(name string, o nodeOption, known, joined, inEnv bool) OptionFaultKind {
	switch {
	case !known, name == "debug", name == "debug-brk":
		return NoSuchOption
	case !t.isInLines(o.has):
		return OtherNode
	case o.value == '=' && !joined:
		return NeedsEquals
	case inEnv && !t.isInLines(o.env):
		return NotInEnv
	}
	return ""
}

// isInLines reports whether a list of lines, such as "18-22,26", has the target's Node.
// Of an odd line it takes what either neighbour has, of one newer than the table the
// last.
func (t Target) isInLines(list string) bool {
	m := min(parseMajor(t.Node), 26)
	for _, r := range strings.Split(list, ",") {
		from, to, many := strings.Cut(r, "-")
		if !many {
			to = from
		}
		first, err1 := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err1 == nil && err2 == nil && m >= first-m%2 && m <= last+m%2 {
			return true
		}
	}
	return false
}
