package nodeerr

import (
	"slices"
	"strings"
)

// Reading is what an error text says.
type Reading struct {
	Class   Class
	Code    string   // the code that says so, "" where words do
	Servers []string // that it says could not be reached: host:port, the path of a socket, or a name; the innermost error's last
	Error   bool     // the text tells of an error: it has a title of one, a code, or a level of a logger that says so
}

// longest bounds what is read of one text, in bytes: a stack, not a dump.
const longest = 8 << 10

// Read reads an error text of Node, of a driver or of a logger, in whatever form it reaches a
// log: as Node prints it with causes and nested errors, as a JSON line of pino, winston, bunyan
// and the like or of PM2's log_type json, with prefixes, times and colours, cut off or whole.
func Read(text string) Reading {
	r := reader{}
	if len(text) > longest {
		text = text[:longest]
	}
	r.readText(text, 0)
	return r.conclude()
}

// reader gathers what the parts of a text say.
type reader struct {
	signs    []sign
	titles   []title
	plain    []string // lines that belong to no error
	servers  []string
	host     string // of a property, until its port comes
	level    bool   // a logger says that it is an error
	foreign  bool   // the first frame of the stack is in a module of somebody else's
	loading  bool   // it was thrown while a module was loaded, before anything outside could be asked
	asked    bool   // by a command that was waited for, and that may have asked
	frames   int
	property string // key of the property whose value goes on, in JSON: its error's type
}

// sign is one code or number.
type sign struct {
	class Class
	code  string
}

// title is one error's name with its message.
type title struct {
	name, message string
}

// conclude picks the class that the signs amount to.
func (r *reader) conclude() Reading {
	out := Reading{Servers: r.servers, Error: r.level || len(r.titles) > 0 || len(r.signs) > 0}
	for _, s := range r.signs {
		if s.class.computeRank() > out.Class.computeRank() {
			out.Class, out.Code = s.class, s.code
		}
	}
	said := r.classifySaid()
	switch {
	case out.Class == Unknown, out.Class == Server && said != Unknown, said == Heap, said == NoModule, said == Setting && out.Class == Code,
		said.IsOutside() && out.Code == "ERR_ASSERTION",
		said.computeRank() > out.Class.computeRank() && (said.IsOutage() || said == Denied) && out.Class.IsOutage() && isVague(out.Code):
		out.Class, out.Code = said, ""
	}
	return out
}

// isVague reports whether a code is one under which drivers put errors of many kinds.
func isVague(code string) bool {
	switch code {
	case "ESOCKET", "ECONNECTION", "ECONNABORTED", "EPROTO", "EPIPE", "ECONNRESET", "P1001", "ERR_NETWORK", "ERR_BAD_RESPONSE", "28000":
		return true
	}
	return false
}

// classifySaid returns what the messages say, in the words of the innermost error that says
// anything. Where there is no error at all, any line counts.
func (r *reader) classifySaid() Class {
	for i, t := range slices.Backward(r.titles) {
		if c := r.classifyTitle(t, i == 0); c != Unknown {
			return c
		}
	}
	if len(r.titles) > 0 {
		return Unknown
	}
	for _, line := range slices.Backward(r.plain) {
		if c := classifyMessage(line); c != Unknown {
			return c
		}
		if isSetting(line) {
			return Setting
		}
	}
	return Unknown
}

// classifyTitle returns what one error says of itself.
func (r *reader) classifyTitle(t title, outermost bool) Class {
	message := classifyMessage(t.message)
	switch {
	case t.name == "AggregateError" && t.message == "":
		return Server // of a connection to a name with several addresses (node:net); print depth hides the rest
	case message == Serialisation, message == NoModule, message == PortInUse:
		return message
	case t.name == "SyntaxError" && isDataFault(t.message):
		return BadFile
	case t.name == "AssertionError" && message.IsOutside():
		return message // what a program asserts may be about a server
	case isCodeName(t.name) && !isFetch(t.message):
		if !outermost || r.foreign {
			return Unknown
		}
		if isSetting(t.message) {
			return Setting
		}
		if t.name == "SyntaxError" {
			return Syntax
		}
		return Code
	case isSetting(t.message):
		return Setting
	case message != Unknown && message != Server:
		return message
	}
	if named := classifyMessage(splitCamel(t.name)); named != Unknown {
		return named
	}
	if message == Unknown && outermost && r.loading && !r.asked && !r.foreign && t.name == "Error" {
		return Code // the app's own file threw it, of its own accord
	}
	return message
}

// isDataFault reports whether a SyntaxError is about data and not about code: it names a file of
// JSON, or is one of JSON.parse (V8's messages kJsonParse*, which all speak of JSON). The data may be
// a file that is being written, or what a server has answered, so that the next start may go well.
func isDataFault(message string) bool {
	return strings.HasPrefix(message, "/") && strings.Contains(message, ".json: ") ||
		strings.Contains(message, " JSON input") || strings.Contains(message, " in JSON at position ") || strings.Contains(message, "is not valid JSON")
}

// isCodeName reports whether an error's name is one that the engine of JavaScript or an
// assertion gives, as a rule because of the program's code.
func isCodeName(name string) bool {
	switch name {
	case "TypeError", "ReferenceError", "SyntaxError", "RangeError", "EvalError", "AssertionError", "URIError":
		return true
	}
	return false
}

// isFetch reports whether a TypeError is one of fetch, whose cause is the network.
func isFetch(message string) bool {
	switch strings.TrimSpace(message) {
	case "fetch failed", "Failed to fetch", "terminated", "network error", "other side closed":
		return true
	}
	return false
}

// splitCamel puts blanks between the words of a name such as SequelizeConnectionRefusedError,
// without its last.
func splitCamel(name string) string {
	var b strings.Builder
	for i, c := range name {
		if i > 0 && c >= 'A' && c <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}
