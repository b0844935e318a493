package sandbox

import (
	"github.com/dop251/goja"
	"github.com/nlnwa/whatwg-url/url"
)

// parseURL reads a URL as the URL standard does (url.spec.whatwg.org), which Node
// follows; null if it is none.
func (m *machine) parseURL(call goja.FunctionCall) goja.Value {
	var got *url.Url
	var err error
	if base := call.Argument(1); goja.IsUndefined(base) {
		got, err = url.Parse(call.Argument(0).String())
	} else {
		got, err = url.ParseRef(base.String(), call.Argument(0).String())
	}
	if err != nil {
		return goja.Null()
	}
	return m.splitURL(got)
}

// changeURL sets one part of a URL.
func (m *machine) changeURL(call goja.FunctionCall) goja.Value {
	u, err := url.Parse(call.Argument(0).String())
	if err != nil {
		return goja.Null()
	}
	to := call.Argument(2).String()
	set := map[string]func(string){
		"protocol": u.SetProtocol, "username": u.SetUsername, "password": u.SetPassword, "host": u.SetHost, "hostname": u.SetHostname,
		"port": u.SetPort, "pathname": u.SetPathname, "search": u.SetSearch, "hash": u.SetHash,
	}[call.Argument(1).String()]
	set(to)
	return m.splitURL(u)
}

func (m *machine) splitURL(u *url.Url) goja.Value {
	o := m.vm.NewObject()
	for name, part := range map[string]string{
		"href": u.Href(false), "protocol": u.Protocol(), "username": u.Username(), "password": u.Password(), "host": u.Host(),
		"hostname": u.Hostname(), "port": u.Port(), "pathname": u.Pathname(), "search": u.Search(), "hash": u.Hash(),
	} {
		m.set(o, name, m.vm.ToValue(part))
	}
	return o
}
