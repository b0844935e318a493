package drain

import (
	"context"
	_ "embed"
)

//go:embed servers.js
var serversJS string

// findServers gets hold of the worker's listening servers. Node's cluster
// module keeps them in a variable of its own, which the debugger can see from
// the function that it listens for the primary's messages with. A search of the
// heap finds them too, at the price of a full garbage collection, so it is only
// the fallback.
func (in *inspector) findServers(ctx context.Context) error {
	handles, err := in.findClusterHandles(ctx)
	if err != nil {
		return err
	}
	if in.clustered = handles != ""; in.clustered {
		in.servers, err = in.callRef(ctx, handles, serversJS)
	} else {
		in.servers, err = in.searchServers(ctx)
	}
	return err
}

func (in *inspector) findClusterHandles(ctx context.Context) (string, error) {
	listeners, err := in.evaluateRef(ctx, "process.listeners('internalMessage')")
	if err != nil {
		return "", err
	}
	list, err := in.listProperties(ctx, listeners)
	if err != nil {
		return "", err
	}
	for _, l := range list {
		// onInternalMessage closes over cb, which closes over handles.
		vars, err := in.readClosure(ctx, l)
		if err != nil {
			return "", err
		}
		outer, err := in.readClosure(ctx, vars["cb"])
		if err != nil {
			return "", err
		}
		if h := outer["handles"]; h.Subtype == "map" {
			return h.ID, nil
		}
	}
	return "", nil
}

// searchServers finds them in the heap.
func (in *inspector) searchServers(ctx context.Context) (string, error) {
	proto, err := in.evaluateRef(ctx, "(process.getBuiltinModule ? process.getBuiltinModule('net') : require('net')).Server.prototype")
	if err != nil {
		return "", err
	}
	found, err := in.queryObjects(ctx, proto)
	if err != nil {
		return "", err
	}
	return in.callRef(ctx, found, "function () { return this.filter((s) => Object.hasOwn(s, '_handle') && s._handle); }")
}
