package session

import (
	"errors"
	"strings"
	"testing"
)

func TestParseHosts(t *testing.T) {
	files := map[string]string{
		"hosts.txt": "# ours\nunix:///run/docker.sock=2  # this one\n\n tcp://10.0.0.2:2375\n", "none.txt": "# nothing\n\n", "bad.txt": "tcp://a:1\nb:2\n",
	}
	read := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("no such file")
	}
	for given, want := range map[string]string{
		"unix:///run/docker.sock":                   "unix:///run/docker.sock",
		"unix:///a=1.sock":                          "",
		"unix:///a.sock=3,tcp://b:2375,ssh://c@d:2": "unix:///a.sock=3,tcp://b:2375,ssh://c@d:2",
		"tcp://[fd00::1]:2375=1":                    "tcp://[fd00::1]:2375=1",
		"hosts.txt":                                 "unix:///run/docker.sock=2,tcp://10.0.0.2:2375",
	} {
		got, err := parseHosts(given, read)
		if (err == nil) != (want != "") || joinHosts(got) != want {
			t.Errorf("%s: %v, %v", given, got, err)
		}
	}
	for given, says := range map[string]string{
		"":                             "no list of addresses",
		"10.0.0.2:2375":                "no list of addresses",
		"none.txt":                     "names no host",
		"bad.txt":                      `"b:2" is no Docker host`,
		"tcp://":                       "is no Docker host",
		"tcp://10.0.0.2":               "lacks a name or a port",
		"ssh:///x":                     "lacks a name",
		"http://a:1":                   "is no Docker host",
		"tcp://a:1,":                   `"" is no Docker host`,
		"tcp://a:1=0":                  "1 to 1000",
		"tcp://a:1=1001":               "1 to 1000",
		"tcp://a:1=":                   "1 to 1000",
		"tcp://a:1,tcp://a:1=2":        "named twice",
		"ssh://user:hunter2@host":      "password",
		"tcp://a:1 tcp://b:2":          "is no Docker host",
		"unix:///a.sock,tcp://a:1\x00": "is no Docker host",
	} {
		got, err := parseHosts(given, read)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v, %v; want an error with %q", given, got, err, says)
		}
	}
}

func FuzzParseHosts(f *testing.F) {
	for _, s := range []string{"unix:///run/docker.sock=2", "tcp://a:1,ssh://b", "=", "://=1", "ssh://u:p@h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		all, err := parseHosts(s, func(string) ([]byte, error) { return []byte(s), nil })
		if err != nil {
			return
		}
		again, err := parseHosts(joinHosts(all), nil)
		if err != nil || joinHosts(again) != joinHosts(all) || len(all) == 0 {
			t.Errorf("%q is read as %v, and that as %v (%v)", s, all, again, err)
		}
	})
}
