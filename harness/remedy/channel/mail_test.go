package channel

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"sync"
	"testing"

	"github.com/wneessen/go-mail"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// mailServer speaks as much of SMTP (RFC 5321, 3207, 4954) as a mail needs, and keeps what it
// is sent.
type mailServer struct {
	address string
	secure  *tls.Config // for STARTTLS, nil for none
	refuse  string      // the answer to RCPT, "" for 250

	mu    sync.Mutex
	to    []string
	login string
	mails []string
	plain bool // a mail or a password came without TLS
}

func newMailServer(t *testing.T, secure *tls.Config) *mailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := &mailServer{address: l.Addr().String(), secure: secure}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return s
}

func (s *mailServer) serve(conn net.Conn) {
	defer func() { conn.Close() }()
	r := textproto.NewReader(bufio.NewReader(conn))
	say := func(format string, args ...any) { fmt.Fprintf(conn, format+"\r\n", args...) }
	secured := false
	say("220 test")
	for {
		line, err := r.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		s.mu.Lock()
		switch strings.ToUpper(verb) {
		case "EHLO":
			if s.secure != nil && !secured {
				say("250-test\r\n250 STARTTLS")
			} else {
				say("250-test\r\n250 AUTH PLAIN")
			}
		case "STARTTLS":
			say("220 go")
			conn = tls.Server(conn, s.secure)
			r, secured = textproto.NewReader(bufio.NewReader(conn)), true
		case "AUTH":
			s.login, s.plain = rest, s.plain || !secured
			say("235 ok")
		case "MAIL", "RSET", "NOOP":
			say("250 ok")
		case "RCPT":
			if s.refuse != "" {
				say("%s", s.refuse)
				break
			}
			s.to = append(s.to, rest)
			say("250 ok")
		case "DATA":
			say("354 go")
			text, err := io.ReadAll(r.DotReader())
			if err != nil {
				s.mu.Unlock()
				return
			}
			s.mails, s.plain = append(s.mails, string(text)), s.plain || !secured
			say("250 ok")
		case "QUIT":
			say("221 bye")
		default:
			say("502 what")
		}
		s.mu.Unlock()
	}
}

// certificate is one of the loopback's, and the option by which a client trusts it.
func certificate(t *testing.T) (*tls.Config, mail.Option) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	trusted := s.Client().Transport.(*http.Transport).TLSClientConfig
	return &tls.Config{Certificates: s.TLS.Certificates}, mail.WithTLSConfig(&tls.Config{RootCAs: trusted.RootCAs, ServerName: "example.com"})
}

// TestMail: one mail an alert, of one thread, to everybody, over TLS with the password.
func TestMail(t *testing.T) {
	secure, trust := certificate(t)
	s := newMailServer(t, secure)
	m := &Mail{Server: s.address, From: "pm2@example.org", To: []string{"a@example.org", "b@example.org"}, Username: "pm2", Password: "hunter2", trust: []mail.Option{trust}}
	deliver(t, m, incident(engine.StatusFiring), incident(engine.StatusResolved), largest())
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.mails) != 3 || len(s.to) != 6 || s.plain || !strings.HasPrefix(s.login, "PLAIN ") {
		t.Fatalf("%d mails to %q, login %q, without TLS %v", len(s.mails), s.to, s.login, s.plain)
	}
	ids := map[string]bool{}
	for i, text := range s.mails {
		msg, err := netmail.ReadMessage(strings.NewReader(text))
		if err != nil {
			t.Fatalf("it is no mail: %v\n%s", err, text)
		}
		for _, header := range []string{"From", "To", "Subject", "Date", "Message-Id", "Mime-Version", "Content-Type"} {
			if msg.Header.Get(header) == "" {
				t.Errorf("mail %d lacks %s", i, header)
			}
		}
		ids[msg.Header.Get("Message-Id")] = true
		if i < 2 && msg.Header.Get("In-Reply-To") != "<0123456789abcdef@host1>" {
			t.Errorf("mail %d is of the thread %q", i, msg.Header.Get("In-Reply-To"))
		}
		body, err := io.ReadAll(quotedprintable.NewReader(msg.Body))
		if err != nil || i == 0 && !strings.Contains(string(body), "sockets: pid 7 <node> & others listen on 3000") {
			t.Errorf("mail %d: %v, %s", i, err, body)
		}
	}
	if len(ids) < 2 {
		t.Errorf("mails of one id: %v", ids)
	}
}

// TestMailThatIsNotTaken: a server without TLS gets nothing, and what it will never take is
// not tried for ever.
func TestMailThatIsNotTaken(t *testing.T) {
	s := newMailServer(t, nil)
	m := &Mail{Server: s.address, From: "pm2@example.org", To: []string{"a@example.org"}}
	if _, err := m.Deliver(t.Context(), incident(engine.StatusFiring)); err == nil || len(s.mails) > 0 {
		t.Errorf("%v: it was sent without TLS", err)
	}
	m.TLS = "none"
	deliver(t, m, incident(engine.StatusFiring))
	for answer, want := range map[string]bool{"550 no such user": true, "451 later": false} {
		s.mu.Lock()
		s.refuse = answer
		s.mu.Unlock()
		if refused, err := m.Deliver(t.Context(), incident(engine.StatusFiring)); err == nil || refused != want {
			t.Errorf("%s: refused %v, %v", answer, refused, err)
		}
	}
	m.Server = "127.0.0.1:1"
	if refused, err := m.Deliver(t.Context(), incident(engine.StatusFiring)); err == nil || refused {
		t.Errorf("nobody listens: refused %v, %v", refused, err)
	}
}
