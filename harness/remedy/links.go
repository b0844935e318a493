package remedy

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/config"
	"github.com/pm2drill/pm2drill/harness/remedy/link"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Links is how alerts offer a link by which people permit what the engine asks.
type Links struct {
	URL    string        // where people reach the engine's address, without /approve
	Secret []byte        // that links are signed with; none for one that the engine makes
	Valid  time.Duration // how long a link holds
}

const (
	secretFile  = "pm2drill-engine.secret" // in PM2_HOME: what links are signed with, where the configuration names no secret
	approvePath = "/approve"
	linkValid   = time.Hour
)

// isSame reports whether two say the same. A secret that the engine has made is none here.
func (l *Links) isSame(m *Links) bool {
	if l == nil || m == nil {
		return l == m
	}
	return l.URL == m.URL && l.Valid == m.Valid && bytes.Equal(l.Secret, m.Secret)
}

// newLinks returns what a file says of links, nil for none.
func newLinks(l *config.Links) *Links {
	if l == nil {
		return nil
	}
	return &Links{URL: strings.TrimSuffix(l.URL, "/"), Secret: []byte(l.Secret.Value()), Valid: cmp.Or(time.Duration(l.Valid), linkValid)}
}

// offerLinks has the engine's address serve links. A dry run acts on nothing, and offers none.
func (x *Command) offerLinks(cfg *Config) error {
	if cfg.Links == nil || cfg.DryRun {
		return nil
	}
	if x.listen == "" {
		return errors.New("approval_links: nothing serves the links: give listen (--listen) too, such as 127.0.0.1:9464")
	}
	at, err := url.Parse(cfg.Links.URL)
	if err != nil {
		return fmt.Errorf("approval_links: %w", err)
	}
	secret := cfg.Links.Secret
	if len(secret) == 0 {
		if secret, err = makeSecret(cfg.Home); err != nil {
			return fmt.Errorf("approval_links: %w", err)
		}
	}
	cfg.signer = &link.Signer{Secret: secret, Valid: cfg.Links.Valid, Now: time.Now}
	name, _ := os.Hostname() // without it, the page lacks the name
	cfg.Board.Mount(approvePath, &link.Handler{Signer: *cfg.signer, Book: askedBook{cfg.Home}, Host: name}, at.Host)
	return nil
}

// makeSecret returns the secret in PM2_HOME, and makes one there, for its owner alone, if there is none.
func makeSecret(home string) ([]byte, error) {
	folder, err := host.OpenFolder(home)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	text, err := folder.Read(secretFile, maxAskedFile)
	if errors.Is(err, fs.ErrNotExist) {
		fresh := make([]byte, 32)
		_, _ = rand.Read(fresh) // it never fails
		text = []byte(hex.EncodeToString(fresh) + "\n")
		err = folder.Replace(secretFile, text)
	}
	if err != nil {
		return nil, err
	}
	if text = bytes.TrimSpace(text); len(text) < link.MinSecret {
		return nil, fmt.Errorf("%s is too short to sign with: remove it, and the engine makes another", folder.Path(secretFile))
	}
	return text, nil
}

// linkTo returns the URL by which people permit what is asked under a key, "" if nothing is asked,
// or no link is offered.
func (r *runner) linkTo(key string) string {
	if r.cfg.signer == nil {
		return ""
	}
	a, ok := r.notes.findAsked(key, r.app.Name)
	if !ok {
		return ""
	}
	token, err := r.cfg.signer.Sign(toAsk(a))
	if err != nil {
		return ""
	}
	return r.cfg.Links.URL + approvePath + "?token=" + token
}

func toAsk(a Asked) link.Ask {
	return link.Ask{Key: a.Key, App: a.App, Cause: string(a.Cause), Action: a.Action, Worker: a.Worker, Since: a.Since}
}

// askedBook is what the engine of a PM2_HOME asks, for links.
type askedBook struct{ home string }

// List returns what is asked for now.
func (b askedBook) List() ([]link.Ask, error) {
	all, err := ListAsked(b.home)
	var out []link.Ask
	for _, a := range all {
		out = append(out, toAsk(a))
	}
	return out, err
}

// IsPermitted reports whether somebody has permitted it already.
func (b askedBook) IsPermitted(key string) bool {
	folder, err := host.OpenFolder(b.home)
	if err != nil {
		return false
	}
	defer folder.Close()
	return slices.Contains(observe.ReadApproved(folder), key)
}

// Permit permits it, as `pm2drill engine approve` does.
func (b askedBook) Permit(key string) error {
	_, err := Approve(b.home, key)
	return err
}
