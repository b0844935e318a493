package field

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
)

// holdOpen opens requests and reads them until the app ends them or the arm is over.
func (a *arm) holdOpen(ctx context.Context, l Lane) {
	var open sync.WaitGroup
	for range l.Open {
		open.Go(func() {
			body, err := a.openStream(ctx, l)
			if err != nil {
				a.mark("cannot open %s: %v", l.Path, err)
				return
			}
			defer body.Close()
			a.note(func(r *Record) { r.Streams.Opened++ })
			// An end that the app announced is no cut: of HTTP that is the last chunk.
			if _, err = io.Copy(io.Discard, body); err != nil && ctx.Err() == nil {
				a.note(func(r *Record) { r.Streams.Cut++ })
			}
		})
	}
	open.Wait()
}

func (a *arm) openStream(ctx context.Context, l Lane) (io.ReadCloser, error) {
	if l.Upgrade {
		return a.openWebSocket(ctx, l.Path)
	}
	client := a.client
	if l.HTTP2 {
		transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
		context.AfterFunc(ctx, transport.CloseIdleConnections)
		client = &http.Client{Transport: transport}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.buildURL(l.Path), nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	if l.HTTP2 && resp.ProtoMajor != 2 {
		return nil, errors.New("it is not HTTP/2")
	}
	return resp.Body, nil
}

// openWebSocket opens a WebSocket by hand. Its end without a closing frame is a cut.
func (a *arm) openWebSocket(ctx context.Context, path string) (io.ReadCloser, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", a.fill("127.0.0.1:{port}"))
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	_, err = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: board\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	if err != nil {
		return nil, err
	}
	head := make([]byte, 1024)
	n, err := conn.Read(head)
	if err != nil || !strings.HasPrefix(string(head[:n]), "HTTP/1.1 101") {
		return nil, errors.New("it did not become a WebSocket")
	}
	return frames{conn}, nil
}

// frames reads a WebSocket: an end after a closing frame (0x88) is io.EOF, another is not.
type frames struct{ net.Conn }

func (f frames) Read(b []byte) (int, error) {
	n, err := f.Conn.Read(b)
	if errors.Is(err, io.EOF) {
		return n, io.ErrUnexpectedEOF
	}
	if n >= 2 && b[0] == 0x88 {
		return 0, io.EOF
	}
	return n, err
}
