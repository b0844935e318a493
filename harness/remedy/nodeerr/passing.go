package nodeerr

// LooksOutside reports whether an error text says that something outside the process is the
// matter: a server, the network, a name, a certificate, a file, a limit. Such an
// error may be over at the next start, so starting again is right and stopping is not,
// unless another witness says so.
func LooksOutside(text string) bool { return Read(text).Class.IsOutside() }

// IsOwn reports whether an error text is known to tell of a fault of the app itself, which
// every start will meet again. A text that nobody understands is not known to.
func IsOwn(text string) bool { return Read(text).Class.IsOwn() }

// IsAboutFile reports whether an error text is about a file, and not about a socket's.
func IsAboutFile(text string) bool { return Read(text).Class.isAboutFile() }

func (c Class) isAboutFile() bool {
	return c == NoFile || c == NoModule || c == BadFile || c == Permission
}

// IsLasting reports whether an error stays as it is until people change something: PM2 starts
// a worker with the environment it has on record, and with the file that is there.
func IsLasting(text string) bool { return Read(text).Class.isLasting() }

func (c Class) isLasting() bool { return c == Setting || c == Syntax || c == BadOption }
