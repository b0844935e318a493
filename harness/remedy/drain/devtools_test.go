package drain_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// devtools plays the inspector of whichever process it was opened in.
type devtools struct {
	port int
	lies bool // it claims to be another process

	// during runs while the worker drains; an error is thrown there. Nil: nothing.
	during func(pid int) error
	// opened runs when a process opens it. Nil: nothing.
	opened func()
	// facts is what the worker says of itself.
	facts string

	mu       sync.Mutex
	pid      int
	released int // drains that the engine has let go of
}

func newDevtools(t *testing.T) *devtools {
	t.Helper()
	d := &devtools{facts: `{"node":"26.10.0","sigint":0,"servers":1}`}
	mux := http.NewServeMux()
	mux.HandleFunc("/json/list", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `[{"id":"the-target","title":"server.js"}]`)
	})
	mux.HandleFunc("/the-target", func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer conn.CloseNow()
		for d.answer(r.Context(), conn) == nil {
		}
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	d.port = srv.Listener.Addr().(*net.TCPAddr).Port
	return d
}

func (d *devtools) open(pid int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pid = pid
	if pid != 0 && d.opened != nil {
		d.opened()
	}
	return nil
}

func (d *devtools) owner() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pid
}

type request struct {
	ID     int    `json:"id"`
	Method string `json:"method"`
	Params struct {
		Expression string `json:"expression"`
		Object     string `json:"objectId"`
		Function   string `json:"functionDeclaration"`
		Arguments  []struct {
			Value struct {
				Port  int    `json:"port"`
				Token string `json:"token"`
			} `json:"value"`
		} `json:"arguments"`
	} `json:"params"`
}

// callBack plays the worker that has begun to drain: it is empty at once.
func (d *devtools) callBack(req request) {
	line := req.Params.Arguments[0].Value
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", line.Port))
	if err != nil {
		return // the engine has given up
	}
	fmt.Fprintf(conn, "%s\n%s\n", line.Token, `{"inFlight":0,"idle":2,"confirmed":true}`)
	_, _ = io.Copy(io.Discard, conn) // until the engine lets go
	d.mu.Lock()
	d.released++
	d.mu.Unlock()
	conn.Close()
}

func (d *devtools) answer(ctx context.Context, conn *websocket.Conn) error {
	var req request
	if err := wsjson.Read(ctx, conn, &req); err != nil {
		return err
	}
	// An event first: clients must pass over what they did not ask for.
	if err := wsjson.Write(ctx, conn, map[string]any{"method": "Runtime.consoleAPICalled"}); err != nil {
		return err
	}
	result, err := d.result(req)
	if err != nil {
		result = fmt.Sprintf(`{"result":{"type":"object"},"exceptionDetails":{"text":"Uncaught","exception":{"description":%q}}}`, err)
	}
	return wsjson.Write(ctx, conn, map[string]any{"id": req.ID, "result": json.RawMessage(result)})
}

// result plays Node 26 as far as the drain looks at it.
func (d *devtools) result(req request) (string, error) {
	object := func(id string) string { return `{"result":{"type":"object","objectId":"` + id + `"}}` }
	value := func(v string) string { return `{"result":{"type":"object","value":` + v + `}}` }
	scopes := func(id string) string {
		return `{"result":[],"internalProperties":[{"name":"[[Scopes]]","value":{"type":"object","objectId":"` + id + `"}}]}`
	}
	has := func(name, kind, id string) string {
		return `{"result":[{"name":"` + name + `","value":{"type":"` + kind + `","subtype":"map","objectId":"` + id + `"}}]}`
	}
	pid := d.owner()
	switch {
	case strings.Contains(req.Params.Expression, "process.pid") && d.lies:
		return value("1"), nil
	case strings.Contains(req.Params.Expression, "process.pid"):
		return value(fmt.Sprint(pid)), nil
	case strings.Contains(req.Params.Expression, "internalMessage"):
		return object("listeners"), nil
	case strings.Contains(req.Params.Expression, "inspector"):
		return value(`"closing"`), d.open(0)
	case req.Method == "Runtime.getProperties":
		switch req.Params.Object {
		case "listeners":
			return has("0", "function", "onInternalMessage"), nil
		case "onInternalMessage":
			return scopes("scopes1"), nil
		case "scopes1":
			return has("0", "object", "scope1"), nil
		case "scope1":
			return has("cb", "function", "onmessage"), nil
		case "onmessage":
			return scopes("scopes2"), nil
		case "scopes2":
			return has("0", "object", "scope2"), nil
		case "scope2":
			return has("handles", "object", "handles"), nil
		}
	case req.Params.Object == "handles" && strings.Contains(req.Params.Function, "function servers"):
		return object("servers"), nil
	case req.Params.Object == "servers" && strings.Contains(req.Params.Function, "function facts"):
		return value(d.facts), nil
	case req.Params.Object == "servers" && strings.Contains(req.Params.Function, "function drain"):
		if d.during != nil {
			if err := d.during(pid); err != nil {
				return "", err
			}
		}
		go d.callBack(req)
		return value(fmt.Sprint(pid)), nil
	}
	return "", fmt.Errorf("unexpected %+v", req)
}
