package channel

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// Mail is a mail server and whom it is to send to.
type Mail struct {
	Server             string // host:port
	From               string
	To                 []string
	Username, Password string // both empty for none
	TLS                string // starttls, implicit or none; "" is starttls

	trust []mail.Option // of tests, for the certificate of their server
}

// Name is the kind of channel.
func (m *Mail) Name() string { return "email" }

// Repeat is never: a mail is kept by whoever has got it.
func (m *Mail) Repeat() time.Duration { return 0 }

// Deliver sends one mail. All mails of an incident are one thread. refused is true where the
// server says that it will never take it.
func (m *Mail) Deliver(ctx context.Context, a engine.Alert) (refused bool, err error) {
	message, err := m.write(a)
	if err != nil {
		return true, err
	}
	client, err := m.dial()
	if err != nil {
		return true, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*postWithin)
	defer cancel()
	err = client.DialAndSendWithContext(ctx, message)
	var failed *mail.SendError
	return errors.As(err, &failed) && failed.ErrorCode() >= 500, err
}

func (m *Mail) dial() (*mail.Client, error) {
	host, port, err := net.SplitHostPort(m.Server)
	if err != nil {
		return nil, fmt.Errorf("cannot use the mail server: %w", err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("cannot use the mail server's port: %w", err)
	}
	options := []mail.Option{mail.WithTimeout(postWithin)}
	switch m.TLS {
	case "implicit":
		options = append(options, mail.WithSSL())
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if m.Username != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.Username), mail.WithPassword(m.Password))
	}
	options = append(options, mail.WithPort(number)) // after the policy, which has a port of its own
	return mail.NewClient(host, append(options, m.trust...)...)
}

// write writes the mail of an alert.
func (m *Mail) write(a engine.Alert) (*mail.Msg, error) {
	message := mail.NewMsg()
	if err := message.From(m.From); err != nil {
		return nil, fmt.Errorf("cannot use the sender's address: %w", err)
	}
	if err := message.To(m.To...); err != nil {
		return nil, fmt.Errorf("cannot use an address: %w", err)
	}
	host := a.Host
	if host == "" {
		host = "localhost"
	}
	thread := fmt.Sprintf("<%s@%s>", a.Dedupe, host)
	message.Subject(clip(strings.Join(strings.Fields(formatSubject(a)), " "), 200))
	message.SetMessageIDWithValue(fmt.Sprintf("%s.%s.%d@%s", a.Dedupe, a.Status, a.Sent.UnixNano(), host))
	message.SetGenHeader(mail.HeaderInReplyTo, thread)
	message.SetGenHeader(mail.HeaderReferences, thread)
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetDateWithValue(a.Sent)
	var text strings.Builder
	fmt.Fprintf(&text, "%s\nfirst seen %s\n", formatSubject(a), a.FirstSeen.UTC().Format(time.RFC3339))
	for _, s := range buildSections(a) {
		fmt.Fprintf(&text, "\n%s\n", s.title)
		for _, line := range s.lines {
			fmt.Fprintf(&text, "  %s\n", line)
		}
	}
	fmt.Fprintf(&text, "\nincident %s\n", a.Dedupe)
	message.SetBodyString(mail.TypeTextPlain, text.String())
	return message, nil
}
