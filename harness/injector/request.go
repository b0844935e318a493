package injector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// formatLoopback returns the app's address: the network namespace is the cluster's.
func formatLoopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// Stall asks the app to stall, and hangs up as soon as the request has reached the
// kernel's end of the connection: a worker that stalls answers nothing.
type Stall struct {
	Port int           `json:"port"`
	Path string        `json:"path"`
	For  time.Duration `json:"for,omitempty"` // 0 is for ever
}

// settle is how long a connection stays open after its request: PM2's daemon must have
// handed it to a worker by then.
const settle = 300 * time.Millisecond

func (s Stall) do(ctx context.Context) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", formatLoopback(s.Port))
	if err != nil {
		return fmt.Errorf("the app did not take the request: %w", err)
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "POST %s?ms=%d HTTP/1.1\r\nHost: localhost\r\n\r\n", s.Path, s.For.Milliseconds()); err != nil {
		return fmt.Errorf("the app did not take the request: %w", err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		if err := tcp.CloseWrite(); err != nil {
			return fmt.Errorf("the app did not take the request: %w", err)
		}
	}
	select {
	case <-time.After(settle):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answersWithin bounds a request of which the answer matters.
const answersWithin = 30 * time.Second

// Burn asks a worker that is not number 0 to burn CPU.
type Burn struct {
	Port int    `json:"port"`
	Path string `json:"path"`
}

// burnTries is how many connections are opened to find a worker that is not number 0.
const burnTries = 50

func (b Burn) do(ctx context.Context) error {
	for range burnTries {
		if done, err := b.try(ctx); done || err != nil {
			return err
		}
	}
	return fmt.Errorf("cannot have a worker burn: %d connections came to worker 0", burnTries)
}

// try opens one connection, and posts the request on it if it leads to another worker than
// number 0.
func (b Burn) try(ctx context.Context) (done bool, err error) {
	transport := &http.Transport{MaxConnsPerHost: 1}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: answersWithin}
	header, err := ask(ctx, client, http.MethodGet, b.Port, "/healthz")
	if err != nil || header.Get("X-Worker-Instance") == "0" {
		return false, err
	}
	_, err = ask(ctx, client, http.MethodPost, b.Port, b.Path)
	return err == nil, err
}

// ask sends a request and reads its answer to the end, so that its connection can be used
// again. Another status than 200 is an error.
func ask(ctx context.Context, client *http.Client, method string, port int, path string) (http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+formatLoopback(port)+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	err = errors.Join(err, resp.Body.Close())
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s was answered with status %d", method, path, resp.StatusCode)
	}
	return resp.Header, err
}

// Posts are requests one after the other, each on a connection of its own. What comes of
// them does not matter: the worker that takes one may be gone.
type Posts struct {
	Port  int             `json:"port"`
	Paths []string        `json:"paths"`        // with their queries
	At    []time.Duration `json:"at,omitempty"` // when each is due, from the beginning; nil for one after the other
}

// postWithin is how long one of them may take.
const postWithin = time.Second

func (p Posts) do(ctx context.Context) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: postWithin}
	began := time.Now()
	for i, path := range p.Paths {
		if i < len(p.At) {
			select {
			case <-time.After(p.At[i] - time.Since(began)):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		_, _ = ask(ctx, client, http.MethodPost, p.Port, path)
	}
	return nil
}

// Client is one client with one connection that it keeps, and on which it posts the same
// request at a constant rate.
type Client struct {
	Port  int           `json:"port"`
	Path  string        `json:"path"`
	Every time.Duration `json:"every"`
	For   time.Duration `json:"for"`
}

// do does not wait for an answer before the next request is due; a request waits for the
// connection.
func (c Client) do(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.For)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	for tick := time.NewTicker(c.Every); ; {
		select {
		case <-tick.C:
			go func() { _, _ = ask(ctx, client, http.MethodPost, c.Port, c.Path) }()
		case <-ctx.Done():
			tick.Stop()
			return nil
		}
	}
}
