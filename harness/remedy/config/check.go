package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path"
	"strconv"
)

// check notes what the schema cannot say.
func (f *finder) check(out *File) {
	for key, d := range map[string]Duration{"stall": out.Stall, "outage_deadline": out.OutageDeadline, "stream_deadline": out.StreamDeadline} {
		if d <= 0 && findChild(f.root.Content[0], key) != nil {
			f.complain([]string{key}, "it must be more than 0")
		}
	}
	if out.Listen != "" {
		if err := CheckListen(out.Listen, out.ListenBeyondLoopback); err != nil {
			f.complain([]string{"listen"}, "%v", err)
		}
	}
	if l := out.ApprovalLinks; l != nil {
		f.checkLinks(*l)
	}
	for i := range out.QuietHours {
		if err := out.QuietHours[i].load(); err != nil {
			f.complain([]string{"quiet_hours", strconv.Itoa(i), "zone"}, "%v", err)
		}
	}
	named := map[[3]string]int{}
	for i, app := range out.Apps {
		f.checkApp(strconv.Itoa(i), app)
		key := [3]string{app.Name, app.Pattern, app.Namespace}
		if first, twice := named[key]; twice {
			f.complain([]string{"apps", strconv.Itoa(i)}, "apps[%d] names the same app: remove one of the two entries", first)
		} else {
			named[key] = i
		}
	}
	for i, c := range out.Channels {
		f.checkChannel(strconv.Itoa(i), c)
	}
}

func (f *finder) checkLinks(l Links) {
	at := func(key string) []string { return []string{"approval_links", key} }
	if what := findURLFault(l.URL); what != "" {
		f.complain(at("url"), "%s", what)
	} else if u, err := url.Parse(l.URL); err == nil && (u.RawQuery != "" || u.Fragment != "" || u.User != nil) {
		f.complain(at("url"), "it may have a path, and nothing after that")
	}
	if e := findChild(f.root.Content[0], "approval_links"); l.Valid <= 0 && findChild(e.value, "valid") != nil {
		f.complain(at("valid"), "it must be more than 0")
	}
}

func (f *finder) checkApp(i string, app App) {
	at := func(keys ...string) []string { return append([]string{"apps", i}, keys...) }
	switch {
	case app.Name != "" && app.Pattern != "":
		f.complain(at("pattern"), "an entry has a name or a pattern, and this has both")
	case app.Name == "" && app.Pattern == "" && app.Namespace == "":
		f.complain(at(), "it fits no app: give name, pattern or namespace")
	}
	if _, err := path.Match(app.Pattern, ""); err != nil {
		f.complain(at("pattern"), "%q is no pattern: write it with * and ?", app.Pattern)
	}
	if app.Health == nil {
		return
	}
	if app.Name == "" {
		f.complain(at("health"), "several apps cannot share a health URL: name the one that has it in an entry before this one")
	}
	if what := findURLFault(app.Health.URL); what != "" {
		f.complain(at("health", "url"), "%s", what)
	}
	for k, s := range app.Health.Expect {
		if from, to := s.Range(); from > to {
			f.complain(at("health", "expect", strconv.Itoa(k)), "it ends before it begins")
		}
	}
}

func (f *finder) checkChannel(i string, c Channel) {
	at := func(keys ...string) []string { return append([]string{"channels", i}, keys...) }
	if c.Endpoint != "" {
		if what := findURLFault(c.Endpoint); what != "" {
			f.complain(at("endpoint"), "%s", what)
		} else if u, err := url.Parse(c.Endpoint); err == nil && u.User != nil {
			f.complain(at("endpoint"), "a password has no place in this file: give token")
		}
	}
	if c.Type != Email {
		return
	}
	if host, port, err := net.SplitHostPort(c.Server); err != nil || host == "" || !isPort(port) {
		f.complain(at("server"), "write it as host:port, such as mail.example.org:587")
	}
	if _, err := mail.ParseAddress(c.From); err != nil {
		f.complain(at("from"), "it is no mail address")
	}
	for k, to := range c.To {
		if _, err := mail.ParseAddress(to); err != nil {
			f.complain(at("to", strconv.Itoa(k)), "it is no mail address")
		}
	}
	if (c.Username != "") != (c.Password != Secret{}) {
		f.complain(at(), "username and password go together")
	}
	if c.Username != "" && c.TLS == "none" {
		f.complain(at("tls"), "a password is not sent without TLS")
	}
}

// findURLFault says what is wrong with an HTTP URL, without it, since it may be a secret;
// "" if nothing is.
func findURLFault(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || u.Port() != "" && !isPort(u.Port()) {
		return "it is no URL: write it like http://127.0.0.1:3000/healthz"
	}
	return ""
}

func isPort(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 1 && n <= 65535
}

// CheckListen returns an error where host:port cannot be listened on, or other hosts could
// reach it and that was not asked for.
func CheckListen(address string, beyond bool) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port != "0" && !isPort(port) {
		return fmt.Errorf("%q is no address: write it like 127.0.0.1:9464", address)
	}
	if ip, err := netip.ParseAddr(host); !beyond && host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return fmt.Errorf("other hosts can reach %q, and anybody who reaches it can read every incident: give an address of the loopback such as 127.0.0.1:%s, or ask for it by listen_beyond_loopback (--listen-beyond-loopback)", address, port)
	}
	return nil
}
