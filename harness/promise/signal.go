package promise

import (
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// findSignal returns the signal that ended a process, by the kernel's word or else by
// PM2's; "" if none did, or if neither tells.
func (q *inquest) findSignal(x evidence.Exit) string {
	if x.Known() {
		return x.Signal
	}
	d, _ := q.log.findDeath(x.PID)
	return d.signal
}

// findForeignSignal returns the signal by which somebody else ended a process, "" if
// nobody did: a crash of its own ends in a signal too, and is preceded by an error
// message.
func (q *inquest) findForeignSignal(x evidence.Exit) string {
	signal := q.findSignal(x)
	if isCrashSignal(signal) && q.hasFatalError(x.ID, x.At) || q.starved[x.PID] {
		return ""
	}
	return signal
}

// isCrashSignal reports whether a process may have caused the signal itself.
func isCrashSignal(signal string) bool {
	return slices.Contains([]string{"SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS"}, signal)
}

// lastWordsFor is how long before its end a process tells of what ends it.
const lastWordsFor = 1500 * time.Millisecond

// abortFor is how long V8 may take from its words to the end of the process: it may write a core.
// They are read off pm2.log, by a process that may have to wait for a core as long as readFor.
const (
	abortFor = 10 * time.Second
	readFor  = time.Second
)

// hasFatalError reports whether worker id told of a fatal error just before t: by an
// uncaught exception on PM2's bus, or in the text that V8 and Node print as they end.
// That of an exhausted heap comes through PM2's own log, without the worker's name.
func (q *inquest) hasFatalError(id int, t time.Duration) bool {
	return slices.ContainsFunc(q.r.Events, func(e evidence.Event) bool {
		if e.Topic == evidence.TopicAbort {
			return e.At >= t-abortFor && e.At <= t+readFor
		}
		if e.At < t-lastWordsFor || e.At > t+claimSlack {
			return false
		}
		fatal := strings.Contains(e.Text, "FATAL ERROR") || strings.Contains(e.Text, "Fatal error") || strings.Contains(e.Text, "Native stack trace")
		mine := e.ID == id && (e.Name == "" || e.Name == q.r.Header.App)
		return mine && e.Topic == "process:exception" || fatal && (mine || e.Topic == "log:PM2")
	})
}

// orphanedFor is how long after PM2's daemon its workers go: at most a second.
const orphanedFor = 3 * time.Second
