package nodeerr

// Class is what an error text says is wrong. Its values are stable: alerts may quote them.
type Class string

// Classes. A text that is not understood has none of them: Unknown.
const (
	Unknown Class = ""

	// A server, or the way to one.
	Refused     Class = "refused"     // nothing listens there
	Unresolved  Class = "unresolved"  // its name has no address
	Unreachable Class = "unreachable" // there is no way to it
	Timeout     Class = "timeout"     // it does not answer
	Reset       Class = "reset"       // it, or something between, broke the connection off
	Starting    Class = "starting"    // it answers that it is not ready: starts, stops, has no leader
	Full        Class = "full"        // it answers that it has no room
	Denied      Class = "denied"      // it refuses the app's credentials
	TLS         Class = "tls"         // no secure connection comes about
	Server      Class = "server"      // something else about a server

	// The host.
	NoFile     Class = "no file"
	NoModule   Class = "no module"
	BadFile    Class = "bad file" // a file of data is cut off, or no JSON
	NoCommand  Class = "no command"
	Permission Class = "permission"
	PortInUse  Class = "port in use"
	Exhausted  Class = "exhausted" // descriptors, memory, disk

	// The app itself: code, settings, how it is started.
	Syntax        Class = "syntax"
	Code          Class = "code"
	Setting       Class = "setting"
	BadOption     Class = "bad option"
	Serialisation Class = "serialisation"
	Heap          Class = "heap"
	Native        Class = "native" // native code has ended the process, or the C library has
)

// IsOutside reports whether the class lies outside the process and may be over at the
// next start. A rejected password is outside too: whoever changes it need not touch the app.
func (c Class) IsOutside() bool {
	switch c {
	case Refused, Unresolved, Unreachable, Timeout, Reset, Starting, Full, Denied, TLS, Server,
		NoFile, NoModule, BadFile, NoCommand, Permission, PortInUse, Exhausted:
		return true
	}
	return false
}

// IsOutage reports whether the class says that a server is not there for the app.
func (c Class) IsOutage() bool {
	switch c {
	case Refused, Unresolved, Unreachable, Timeout, Reset, Starting, Full, TLS, Server:
		return true
	}
	return false
}

// IsOwn reports whether the class is known to be a fault of the app's own code, settings or
// command line: every start ends the same way until people change something.
func (c Class) IsOwn() bool {
	switch c {
	case Syntax, Code, Setting, BadOption, Serialisation:
		return true
	}
	return false
}

// computeRank orders classes where a text has signs of several: what a server answers
// tells more than how the connection ended, and that more than a general word.
func (c Class) computeRank() int {
	for i, of := range [...]Class{
		Server, Exhausted, NoFile, Permission, Code, Reset, Timeout, Unreachable, Refused, Unresolved, TLS,
		Full, Starting, Denied, PortInUse, NoModule, BadFile, NoCommand, Setting, Serialisation, Syntax, BadOption, Native, Heap,
	} {
		if c == of {
			return i + 1
		}
	}
	return 0
}
