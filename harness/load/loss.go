package load

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Phases of a request in which it can be lost.
const (
	phaseDial      = "dial"
	phaseWrite     = "write"
	phaseFirstByte = "first-byte"
	phaseHeader    = "header"
	phaseBody      = "body"
)

// dialLoss books a failed dial. What the generator itself lacks (files, ports,
// memory) is its shortfall; a dial that takes too long is a timeout. Anything
// else means that nobody took the connection and counts as refused: a refusal
// proper, an unreachable host or network, a firewall. Detail tells them apart.
func dialLoss(err error) evidence.Class {
	var errno syscall.Errno
	errors.As(err, &errno)
	switch errno {
	case unix.EMFILE, unix.ENFILE, unix.EADDRNOTAVAIL, unix.EADDRINUSE, unix.ENOBUFS, unix.ENOMEM,
		unix.EAGAIN: // connect(2): no local port or no routing cache entry left
		return evidence.Unsent
	case unix.ECONNRESET:
		return evidence.Reset
	}
	if isTimeout(err) {
		return evidence.TimedOut
	}
	return evidence.Refused
}

// loss books a loss on an open connection; begun says whether a byte of the
// response had come.
func loss(err error, begun bool) evidence.Class {
	switch {
	case isTimeout(err):
		return evidence.TimedOut
	case begun:
		return evidence.Truncated
	}
	return evidence.Reset
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}

// maxDetail bounds Detail, in bytes: an error may quote what the server sent.
const maxDetail = 200

// detail names an error without the addresses that net puts around it: the
// errno's name (ECONNRESET), EOF for an orderly close, nothing for a timeout,
// which the class has said already.
func detail(err error) string {
	var errno syscall.Errno
	switch {
	case errors.As(err, &errno) && unix.ErrnoName(errno) != "":
		return unix.ErrnoName(errno)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "EOF"
	case isTimeout(err):
		return ""
	}
	s := err.Error()
	return s[:min(len(s), maxDetail)]
}
