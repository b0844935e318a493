package pm2

import "slices"

// Distinguish has List and Describe tell the processes of an app from those that only share
// its name, in another namespace of PM2's: such a one comes with NAMESPACE:NAME for its
// Name. An empty namespace is not known yet, and nothing is changed. It must be called
// before the client is used by other goroutines.
func (c *Client) Distinguish(app, namespace string) { c.app, c.space = app, namespace }

// renameForeign puts the namespace before the names of processes that have the app's name
// and are in another namespace; it does nothing where no namespace is given.
func renameForeign(list []Process, app, namespace string) {
	if namespace == "" {
		return
	}
	for i := range list {
		if p := &list[i]; p.Name == app && p.Namespace != namespace {
			p.Name = p.Namespace + ":" + p.Name
		}
	}
}

// Namespaces lists the namespaces in which a list has processes of that name.
func Namespaces(list []Process, app string) []string {
	var out []string
	for _, p := range list {
		if p.Name == app && p.Namespace != "" {
			out = append(out, p.Namespace)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
