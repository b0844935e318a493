// Package link lets people permit an action by a signed link.
//
//	Ask ──Sign──> token in a link ──GET──> page that says what would be done
//	                                          │ the button: POST
//	                                          v
//	             Verify, still asked for? not permitted yet? ──> permit
//
// A token is the Ask and the time until which it holds, with their HMAC-SHA256. Whoever has a link
// may use it, once. A GET changes nothing: mail filters, chat previews and browsers fetch links by
// themselves.
package link

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Ask is what is asked for: one action about one incident. Since tells two askings apart.
type Ask struct {
	Key    string    `json:"key"` // of the incident
	App    string    `json:"app"`
	Cause  string    `json:"cause"`
	Action string    `json:"action"`
	Worker *int      `json:"worker,omitempty"`
	Since  time.Time `json:"since"`
}

// isSame reports whether two are the same asking.
func (a Ask) isSame(b Ask) bool {
	sameWorker := a.Worker == nil && b.Worker == nil || a.Worker != nil && b.Worker != nil && *a.Worker == *b.Worker
	return a.Key == b.Key && a.App == b.App && a.Cause == b.Cause && a.Action == b.Action && sameWorker && a.Since.Equal(b.Since)
}

// permit is what a token says.
type permit struct {
	Ask
	Until time.Time `json:"until"`
}

// MinSecret is how many bytes a secret must have.
const MinSecret = 16

// maxToken bounds a token, bytes.
const maxToken = 4096

// Why a token is not taken.
var (
	ErrForged  = errors.New("this link was not made by this engine, or was changed")
	ErrExpired = errors.New("this link has expired")
)

// Signer makes and checks tokens.
type Signer struct {
	Secret []byte           // at least MinSecret bytes
	Valid  time.Duration    // how long a token holds
	Now    func() time.Time // the wall clock
}

// Sign returns a token for an asking.
func (s Signer) Sign(a Ask) (string, error) {
	if len(s.Secret) < MinSecret {
		return "", fmt.Errorf("cannot sign a link: its secret has %d bytes, and needs %d", len(s.Secret), MinSecret)
	}
	text, err := json.Marshal(permit{a, s.Now().Add(s.Valid).UTC()})
	if err != nil {
		return "", fmt.Errorf("cannot sign a link: %w", err)
	}
	return encode(text) + "." + encode(s.seal(text)), nil
}

// Verify returns what a token was signed for. The error is ErrForged or ErrExpired.
func (s Signer) Verify(token string) (Ask, time.Time, error) {
	body, seal, ok := strings.Cut(token, ".")
	if !ok || len(token) > maxToken || len(s.Secret) < MinSecret {
		return Ask{}, time.Time{}, ErrForged
	}
	text, err := decode(body)
	sum, sumErr := decode(seal)
	if err != nil || sumErr != nil || !hmac.Equal(sum, s.seal(text)) {
		return Ask{}, time.Time{}, ErrForged
	}
	var p permit
	if err := json.Unmarshal(text, &p); err != nil {
		return Ask{}, time.Time{}, ErrForged
	}
	if !s.Now().Before(p.Until) {
		return p.Ask, p.Until, ErrExpired
	}
	return p.Ask, p.Until, nil
}

// seal is the HMAC of a token's text, for this purpose alone.
func (s Signer) seal(text []byte) []byte {
	h := hmac.New(sha256.New, s.Secret)
	h.Write([]byte("pm2drill engine approval 1\n"))
	h.Write(text)
	return h.Sum(nil)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(s string) ([]byte, error) { return base64.RawURLEncoding.Strict().DecodeString(s) }
