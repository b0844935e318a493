package channel

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// HTTP is a target to which alerts are posted as JSON.
type HTTP struct {
	name   string
	url    string
	path   func(engine.Alert) string // after url; nil for none
	scheme string                    // of token, Bearer where it is empty
	token  string                    // for the header Authorization; "" for none
	body   func(engine.Alert) any
	repeat time.Duration
	client *http.Client
}

// Bounds of a request.
const (
	postWithin = 5 * time.Second
	maxAnswer  = 4 << 10  // bytes of an answer that are read, so that the connection serves again
	maxHeader  = 64 << 10 // bytes of an answer's header
)

func newHTTP(name, url string, body func(engine.Alert) any) *HTTP {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxResponseHeaderBytes, transport.DisableCompression = maxHeader, true
	return &HTTP{name: name, url: url, body: body, client: &http.Client{
		Transport: transport,
		// An alert goes where the operator has said and nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// NewWebhook returns a target that gets alerts as the contract has them (alert.schema.json).
func NewWebhook(url string) *HTTP {
	return newHTTP("webhook", url, func(a engine.Alert) any { return a })
}

// Name is the kind of channel.
func (h *HTTP) Name() string { return h.name }

// Repeat is how often an alert is delivered again while it fires; 0 for never.
func (h *HTTP) Repeat() time.Duration { return h.repeat }

// Deliver makes one request. refused is true where trying the same again is of no use.
func (h *HTTP) Deliver(ctx context.Context, a engine.Alert) (refused bool, err error) {
	body, err := json.Marshal(h.body(a))
	if err != nil {
		return true, fmt.Errorf("cannot encode alert: %w", err)
	}
	to := h.url
	if h.path != nil {
		to += h.path(a)
	}
	return h.sendBody(ctx, to, body)
}

// sendBody makes one POST request. The error names no part of the URL but what the
// network says: a path may be a secret.
func (h *HTTP) sendBody(ctx context.Context, to string, body []byte) (refused bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, postWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return true, stripURL(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if h.token != "" {
		req.Header.Set("Authorization", cmp.Or(h.scheme, "Bearer")+" "+h.token)
	}
	res, err := h.client.Do(req)
	if err != nil {
		return false, stripURL(err)
	}
	defer res.Body.Close()
	if res.ContentLength >= 0 && res.ContentLength <= maxAnswer {
		_, _ = io.Copy(io.Discard, res.Body) // its status is all that matters
	}
	switch code := res.StatusCode; {
	case code >= 200 && code <= 299:
		return false, nil
	case code >= 300 && code <= 399:
		return true, fmt.Errorf("it answered %s, and redirects are not followed: give the address that it leads to", res.Status)
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		return false, fmt.Errorf("it answered %s", res.Status)
	default:
		return true, fmt.Errorf("it answered %s", res.Status)
	}
}

// stripURL returns an error of net/http or net/url without the whole URL, which these
// errors quote: the path of an alert URL is a secret.
func stripURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return fmt.Errorf("%s %s: %w", u.Op, redact.Origin(u.URL), u.Err)
	}
	return err
}
