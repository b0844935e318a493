package session

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// hostSpec is a Docker host as --hosts names it.
type hostSpec struct {
	address string // as DOCKER_HOST has it; "" for that of the environment
	places  int    // drills side by side; 0 for two a core
}

// String returns the host as --hosts has it.
func (h hostSpec) String() string {
	if h.places == 0 {
		return h.address
	}
	return h.address + "=" + strconv.Itoa(h.places)
}

// hostsFlag is the flag --hosts.
type hostsFlag struct{ to *[]hostSpec }

func (f hostsFlag) String() string {
	if f.to == nil {
		return ""
	}
	return joinHosts(*f.to)
}

func (f hostsFlag) Type() string { return "hosts" }

func (f hostsFlag) Set(s string) (err error) {
	*f.to, err = parseHosts(s, os.ReadFile)
	return err
}

func joinHosts(all []hostSpec) string {
	words := make([]string, len(all))
	for i, h := range all {
		words[i] = h.String()
	}
	return strings.Join(words, ",")
}

// parseHosts reads a list of Docker hosts, separated by commas, or the name of a file with one
// host a line, where what follows # is for people. A host is an address as DOCKER_HOST has
// one, with =N behind it for N places. The error says what is wrong and how to write it.
func parseHosts(s string, read func(string) ([]byte, error)) ([]hostSpec, error) {
	words := strings.Split(s, ",")
	if !strings.Contains(s, "://") {
		text, err := read(s)
		if err != nil {
			return nil, fmt.Errorf("it is no list of addresses, such as unix:///run/docker.sock,tcp://10.0.0.2:2375=4,ssh://user@host, and no file that can be read (%w)", err)
		}
		words = nil
		for line := range strings.Lines(string(text)) {
			line, _, _ = strings.Cut(line, "#")
			if line = strings.TrimSpace(line); line != "" {
				words = append(words, line)
			}
		}
		if len(words) == 0 {
			return nil, errors.New("the file names no host: write one address a line")
		}
	}
	var all []hostSpec
	for _, word := range words {
		h, err := parseHost(strings.TrimSpace(word))
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all, func(other hostSpec) bool { return other.address == h.address }) {
			return nil, fmt.Errorf("%s is named twice: give it more places instead, as in %s=4", h.address, h.address)
		}
		all = append(all, h)
	}
	return all, nil
}

// mostPlaces is the greatest number of drills side by side on a host.
const mostPlaces = 1000

func parseHost(word string) (h hostSpec, err error) {
	h.address = word
	if i := strings.LastIndexByte(word, '='); i >= 0 {
		h.address = word[:i]
		if h.places, err = strconv.Atoi(word[i+1:]); err != nil || h.places < 1 || h.places > mostPlaces {
			return hostSpec{}, fmt.Errorf("%q has %q places: write 1 to %d behind the =, or leave it out for two a core", h.address, word[i+1:], mostPlaces)
		}
	}
	scheme, rest, cut := strings.Cut(h.address, "://")
	u, err := url.Parse(h.address)
	switch {
	case !cut || rest == "" || err != nil || !slices.Contains([]string{"unix", "tcp", "ssh"}, scheme):
		return hostSpec{}, fmt.Errorf("%q is no Docker host: write it as unix:///run/docker.sock, tcp://10.0.0.2:2375 or ssh://user@host", h.address)
	case scheme != "unix" && u.Hostname() == "", scheme == "tcp" && u.Port() == "":
		return hostSpec{}, fmt.Errorf("%q lacks a name or a port: write it as tcp://10.0.0.2:2375 or ssh://user@host", h.address)
	}
	if _, secret := u.User.Password(); secret {
		return hostSpec{}, fmt.Errorf("the address of %s has a password in it, which would stand in the report: use a key or a certificate", u.Host)
	}
	return h, nil
}
