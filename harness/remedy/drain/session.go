package drain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"github.com/coder/websocket"
)

// session speaks the Chrome DevTools protocol to one target, one call at a time.
// See https://chromedevtools.github.io/devtools-protocol/v8/Runtime/.
type session struct {
	url  string
	conn *websocket.Conn
	last int64
}

// remote is a value in the worker (Runtime.RemoteObject).
type remote struct {
	ID          string          `json:"objectId"`
	Type        string          `json:"type"`
	Subtype     string          `json:"subtype"`
	Description string          `json:"description"`
	Value       json.RawMessage `json:"value"`
}

// outcome is what evaluating something gives: a value, or what was thrown.
type outcome struct {
	Result    remote `json:"result"`
	Exception *struct {
		Text      string `json:"text"`
		Exception remote `json:"exception"`
	} `json:"exceptionDetails"`
}

func (o outcome) getError() error {
	if o.Exception == nil {
		return nil
	}
	return fmt.Errorf("the worker threw: %s %.300s", o.Exception.Text, o.Exception.Exception.Description)
}

// messageLimit bounds one message of the worker: descriptions of functions are
// their source text.
const messageLimit = 16 << 20

func dial(ctx context.Context, url string) (*session, error) {
	conn, resp, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return nil, fmt.Errorf("cannot open an inspector session: %w", err)
	}
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close() // the library has taken the connection over
	}
	conn.SetReadLimit(messageLimit)
	return &session{url: url, conn: conn}, nil
}

// close hangs up without waiting for the other side.
func (s *session) close() error { return s.conn.CloseNow() }

// do calls a method. Answers to earlier calls that were given up, and events,
// are passed over.
func (s *session) do(ctx context.Context, method string, params, result any) error {
	s.last++
	id := s.last
	b, err := json.Marshal(struct {
		ID     int64  `json:"id"`
		Method string `json:"method"`
		Params any    `json:"params"`
	}{id, method, params})
	if err != nil {
		return fmt.Errorf("cannot call %s: %w", method, err)
	}
	if err := s.conn.Write(ctx, websocket.MessageText, b); err != nil {
		return fmt.Errorf("cannot call %s: %w", method, err)
	}
	for {
		_, b, err := s.conn.Read(ctx)
		if err != nil {
			return fmt.Errorf("cannot call %s: %w", method, err)
		}
		var reply struct {
			ID     int64           `json:"id"`
			Result json.RawMessage `json:"result"`
			Error  *struct {
				Message string `json:"message"`
			} `json:"error"`
		}
		if err := json.Unmarshal(b, &reply); err != nil {
			return fmt.Errorf("cannot read the answer to %s: %w", method, err)
		}
		if reply.ID != id {
			continue
		}
		if reply.Error != nil {
			return fmt.Errorf("cannot call %s: %s", method, reply.Error.Message)
		}
		if err := json.Unmarshal(reply.Result, result); err != nil {
			return fmt.Errorf("cannot read the answer to %s: %w", method, err)
		}
		return nil
	}
}

// runtimeEvaluate has require at hand, which is no global (includeCommandLineAPI).
type runtimeEvaluate struct {
	Expression string `json:"expression"`
	ByValue    bool   `json:"returnByValue"`
	Require    bool   `json:"includeCommandLineAPI"`
	Await      bool   `json:"awaitPromise"`
}

// evaluate runs an expression and decodes its value, or what a promise comes to, unless
// into is nil.
//
// V8 runs what it is told in the midst of whatever code is running, Node's own included.
// What changes anything must therefore wait for its turn, as a promise's reaction does.
// In one of 30 rolls under load where the drain set its timer at once, neither that nor
// any timer of the app's of the same length came due again (Node 26.10).
func (s *session) evaluate(ctx context.Context, expression string, into any) error {
	var o outcome
	err := s.do(ctx, "Runtime.evaluate", runtimeEvaluate{expression, into != nil, true, into != nil}, &o)
	if err = errors.Join(err, o.getError()); err != nil || into == nil {
		return err
	}
	return decode(o.Result, into)
}

// evaluateRef runs an expression and returns a handle of its value.
func (s *session) evaluateRef(ctx context.Context, expression string) (string, error) {
	var o outcome
	err := s.do(ctx, "Runtime.evaluate", runtimeEvaluate{expression, false, true, false}, &o)
	return getRef(o.Result, errors.Join(err, o.getError()))
}

type callFunctionOn struct {
	Object   string     `json:"objectId"`
	Function string     `json:"functionDeclaration"`
	Args     []argument `json:"arguments,omitempty"`
	ByValue  bool       `json:"returnByValue"`
	Await    bool       `json:"awaitPromise"`
}

type argument struct {
	Value any `json:"value"`
}

// call runs a function with the object as its this, awaits a promise that it
// returns, and decodes the value.
func (s *session) call(ctx context.Context, this, function string, args []argument, into any) error {
	var o outcome
	err := s.do(ctx, "Runtime.callFunctionOn", callFunctionOn{this, function, args, true, true}, &o)
	if err = errors.Join(err, o.getError()); err != nil {
		return err
	}
	return decode(o.Result, into)
}

// callRef runs a function with the object as its this and returns a handle of
// its result.
func (s *session) callRef(ctx context.Context, this, function string) (string, error) {
	var o outcome
	err := s.do(ctx, "Runtime.callFunctionOn", callFunctionOn{Object: this, Function: function}, &o)
	return getRef(o.Result, errors.Join(err, o.getError()))
}

// queryObjects finds every object of a prototype in the heap and returns a handle of the
// array of them. It collects garbage first.
func (s *session) queryObjects(ctx context.Context, prototype string) (string, error) {
	var found struct {
		Objects remote `json:"objects"`
	}
	err := s.do(ctx, "Runtime.queryObjects", struct {
		Prototype string `json:"prototypeObjectId"`
	}{prototype}, &found)
	return getRef(found.Objects, err)
}

// inside is what Runtime.getProperties tells.
type inside struct {
	Result   []property `json:"result"`
	Internal []property `json:"internalProperties"`
}

type property struct {
	Name  string `json:"name"`
	Value remote `json:"value"`
}

func (s *session) look(ctx context.Context, id string) (inside, error) {
	var in inside
	err := s.do(ctx, "Runtime.getProperties", struct {
		Object string `json:"objectId"`
		Own    bool   `json:"ownProperties"`
	}{id, true}, &in)
	return in, err
}

// listProperties returns the values of an object's own properties.
func (s *session) listProperties(ctx context.Context, id string) ([]remote, error) {
	in, err := s.look(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []remote
	for _, p := range in.Result {
		out = append(out, p.Value)
	}
	return out, nil
}

// readClosure returns the variables that a function closes over, without the global ones;
// of equal names the innermost. Anything but a function has none.
func (s *session) readClosure(ctx context.Context, f remote) (map[string]remote, error) {
	vars := map[string]remote{}
	if f.Type != "function" {
		return vars, nil
	}
	in, err := s.look(ctx, f.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range in.Internal {
		if p.Name != "[[Scopes]]" {
			continue
		}
		scopes, err := s.listProperties(ctx, p.Value.ID)
		if err != nil {
			return nil, err
		}
		for _, scope := range scopes {
			if err := s.addScope(ctx, scope, vars); err != nil {
				return nil, err
			}
		}
	}
	return vars, nil
}

func (s *session) addScope(ctx context.Context, scope remote, vars map[string]remote) error {
	if scope.ID == "" || scope.Description == "Global" {
		return nil
	}
	in, err := s.look(ctx, scope.ID)
	if err != nil {
		return err
	}
	for _, p := range in.Result {
		if _, ok := vars[p.Name]; !ok {
			vars[p.Name] = p.Value
		}
	}
	return nil
}

func getRef(r remote, err error) (string, error) {
	if err == nil && r.ID == "" {
		err = fmt.Errorf("the worker answered %s where an object was expected", r.Type)
	}
	return r.ID, err
}

func decode(r remote, into any) error {
	if len(r.Value) == 0 {
		return fmt.Errorf("the worker answered %s where a value was expected", r.Type)
	}
	if err := json.Unmarshal(r.Value, into); err != nil {
		return fmt.Errorf("cannot read what the worker answered: %w", err)
	}
	return nil
}
