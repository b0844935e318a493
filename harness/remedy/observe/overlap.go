package observe

import (
	"net/netip"
	"slices"
)

// FindForeign returns a listener that PM2 does not own and that shuts the app out of its
// port. Another address of the same port shuts nobody out, and nobody is shut out whose
// own processes listen there. While nobody knows what the app binds, any address counts.
func (o Observation) FindForeign() (Listener, bool) {
	if o.Port == nil {
		return Listener{}, false
	}
	ours := func(l Listener) bool { return l.Ours }
	for _, l := range o.Port.Listeners {
		clash := func(own Listener) bool { return own.overlaps(l) }
		if l.Ours || slices.ContainsFunc(o.Port.Listeners, func(own Listener) bool { return own.Ours && clash(own) }) {
			continue
		}
		if slices.ContainsFunc(o.Binds, clash) || (len(o.Binds) == 0 && !slices.ContainsFunc(o.Port.Listeners, ours)) {
			return l, true
		}
	}
	return Listener{}, false
}

// HasStranger reports whether anybody but PM2 listens on the port, at whatever address.
func (p Port) HasStranger() bool {
	return slices.ContainsFunc(p.Listeners, func(l Listener) bool { return !l.Ours })
}

// overlaps reports whether the kernel lets only one of two listeners of one port be:
// their addresses are the same, or one of them is all addresses. [::] is all of IPv4 as
// well unless the socket is for IPv6 only. What cannot be read overlaps.
func (l Listener) overlaps(other Listener) bool {
	a, err := netip.ParseAddrPort(l.Address)
	b, err2 := netip.ParseAddrPort(other.Address)
	if err != nil || err2 != nil {
		return true
	}
	x, y := a.Addr().Unmap(), b.Addr().Unmap()
	switch {
	case a.Port() != b.Port():
		return false
	case x.Is4() == y.Is4():
		return x == y || x.IsUnspecified() || y.IsUnspecified()
	case x.Is4():
		return y.IsUnspecified() && !other.V6Only
	}
	return x.IsUnspecified() && !l.V6Only
}
