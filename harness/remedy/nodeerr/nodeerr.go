// Package nodeerr reads what an error text of Node.js, of PM2 or of a driver says: what went
// wrong, which servers it names, and whether it may pass by itself. It reads text and nothing else.
package nodeerr

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Patterns of Node's error texts. Node's messages are "syscall CODE address",
// see lib/internal/errors.js (UVExceptionWithHostPort, DNSException).
var (
	errorLine  = regexp.MustCompile(`(?i)(^|\s|\[)([A-Za-z]*(Error|Exception)\b|E[A-Z]{4,}\b)`)
	inUse      = regexp.MustCompile(`\bEADDRINUSE\b(?:.*:(\d{1,5})\b)?`)
	portTaken  = regexp.MustCompile(`(?i)\bport (\d{1,5}) (?:is|was) (?:already |currently )?(?:in use|used|taken|occupied|allocated)\b|\balready (?:running|listening) on port (\d{1,5})\b`)
	titleLine  = regexp.MustCompile(`^(Uncaught )?[A-Za-z]*(Error|Exception)( \[\w+\])?:`)
	stackFrame = regexp.MustCompile(`^\s+at\s`)
	ansi       = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")
	stamps     = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]*Z?`)
	hexes      = regexp.MustCompile(`\b(0x)?[0-9a-fA-F]{8,}\b`)
	digits     = regexp.MustCompile(`\d+`)
	blanks     = regexp.MustCompile(`\s+`)
)

// Caught is what PM2 writes before a rejection that it has caught
// (ProcessContainer.js): nobody in the app waits for that start any more.
const Caught = "You have triggered an unhandledRejection"

// MaxError bounds what is kept of one error text, in bytes.
const MaxError = 400

// FindHeadline returns the line of an error text that says what went wrong: the first
// that is an error's title, or else the first that names an error, or else the
// last that is not a stack frame. Of a line of JSON it is what stands in it.
func FindHeadline(text string) string {
	named, last := "", ""
	for line := range strings.Lines(ansi.ReplaceAllString(text, "")) {
		if strings.TrimSpace(line) == "" || stackFrame.MatchString(line) {
			continue
		}
		last = readHeadline(strings.TrimSpace(line))
		if titleLine.MatchString(last) {
			return Clip(last, MaxError)
		}
		if named == "" && errorLine.MatchString(last) {
			named = last
		}
	}
	if named != "" {
		last = named
	}
	return Clip(last, MaxError)
}

// FindLine returns the first line of a text that by itself is of a class, else its headline.
func FindLine(text string, class Class) string {
	for line := range strings.Lines(text) {
		if Read(line).Class == class {
			return Clip(strings.TrimSpace(line), MaxError)
		}
	}
	return FindHeadline(text)
}

// Normalise strips from an error's headline what differs from one occurrence to
// the next (times, addresses in memory, numbers), so that equal means the same error.
func Normalise(text string) string {
	s := FindHeadline(text)
	s = stamps.ReplaceAllString(s, "TIME")
	s = hexes.ReplaceAllString(s, "HEX")
	s = digits.ReplaceAllString(s, "N")
	return strings.TrimSpace(blanks.ReplaceAllString(s, " "))
}

// FindServers lists the servers that an error text says could not be reached: host:port,
// the path of a socket, or a host name that did not resolve.
func FindServers(text string) []string { return Read(text).Servers }

// SaysPortInUse reports whether an error text says that the app's port is taken. A
// text that names no port counts: there is only one the engine knows. So does
// any while the port is 0, not looked at yet: the next look will tell.
func SaysPortInUse(text string, port int) bool { return includesPort(findPortsInUse(text), port) }

// findPortsInUse lists the ports that an error text says are taken, 0 for one that it does not
// name: with Node's code, or in the words of a framework ("Port 3000 is already in use").
func findPortsInUse(text string) []int {
	if !strings.Contains(text, "EADDRINUSE") && !mayNamePort(text) || Read(text).Class != PortInUse {
		return nil // the patterns would take a thousand times as long to say so
	}
	var ports []int
	for _, pattern := range []*regexp.Regexp{inUse, portTaken} {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			port, _ := strconv.Atoi(strings.Join(m[1:], "")) // digits, or nothing
			ports = append(ports, port)
		}
	}
	return ports
}

// mayNamePort reports whether a text may say in words that a port is taken.
func mayNamePort(text string) bool {
	return strings.Contains(text, "port ") || strings.Contains(text, "Port ") || strings.Contains(text, "PORT ")
}

// includesPort reports whether ports that are taken include the app's, each being 0 where it is
// not known.
func includesPort(ports []int, port int) bool {
	return slices.ContainsFunc(ports, func(p int) bool { return p == 0 || port == 0 || p == port })
}

// Clip cuts a text to at most n bytes at a rune's edge.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// FindLast returns a text from the last line on that names an error, "" if none does.
func FindLast(text string) string {
	at, found := 0, -1
	for line := range strings.Lines(text) {
		if !stackFrame.MatchString(line) && (errorLine.MatchString(strings.TrimSpace(line)) || isLoggedError(line)) {
			found = at
		}
		at += len(line)
	}
	if found < 0 {
		return ""
	}
	return strings.TrimSpace(text[found:])
}

// NamesError reports whether the line of a text that says what went wrong names an error.
func NamesError(text string) bool {
	return errorLine.MatchString(FindHeadline(text)) || isLoggedError(text)
}

// PickLastError returns the latest of several texts that names an error, or else the latest
// text; "" of none.
func PickLastError(texts []string) string { return pickLast(texts, NamesError) }
