package drain_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// TestRollOverTLS: an app that speaks TLS alone is rolled by both means, and each of its
// requests, on new connections, is answered.
func TestRollOverTLS(t *testing.T) {
	rolls(t)
	cert, key := certificate(t)
	for i, policy := range []drain.Policy{drain.Never, drain.Always} {
		t.Run(string(policy), func(t *testing.T) {
			port := 25300 + i
			c := start(t, "testdata/secure.js", port, fmt.Sprintf("instances: 2, env: {PORT: %d, CERT: %q, KEY: %q}", port, cert, key))
			r := c.roller(t, policy)
			r.URL = fmt.Sprintf("https://127.0.0.1:%d/", port)
			asked, failed := askWhile(t, r.URL, func() {
				done, err := r.Roll(t.Context())
				if err != nil || len(done) != 2 {
					t.Errorf("%d replaced: %v", len(done), err)
				}
			})
			if asked < 20 || failed > 0 {
				t.Errorf("%d of %d requests failed", failed, asked)
			}
		})
	}
}

// TestRollWithoutURL: of an app that serves no network each worker is replaced, one at a time.
func TestRollWithoutURL(t *testing.T) {
	rolls(t)
	c := startUnready(t, "testdata/deaf.js", 25302, "instances: 2")
	r := c.roller(t, drain.Never)
	r.URL, r.Port = "", 0
	done, err := r.Roll(t.Context())
	if err != nil || len(done) != 2 {
		t.Fatalf("%d replaced: %v", len(done), err)
	}
	for _, rep := range done {
		if rep.Drain.Means != drain.Nothing || rep.New == rep.Old || rep.New == 0 {
			t.Errorf("%+v", rep)
		}
	}
}

// askWhile sends requests one after the other while act runs.
func askWhile(t *testing.T, url string, act func()) (asked, failed int) {
	t.Helper()
	over := make(chan struct{})
	var client sync.WaitGroup
	client.Go(func() {
		c := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
			DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		}}
		for {
			select {
			case <-over:
				return
			default:
			}
			asked++
			resp, err := c.Get(url)
			if err == nil {
				_, err = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
			if err != nil {
				failed++
				t.Log(err)
			}
		}
	})
	act()
	close(over)
	client.Wait()
	return asked, failed
}

// certificate writes one of our own making, and its key.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	signed, err := x509.CreateCertificate(rand.Reader, of, of, secret.Public(), secret)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, block := range map[string]*pem.Block{"cert": {Type: "CERTIFICATE", Bytes: signed}, "key": {Type: "PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "cert"), filepath.Join(dir, "key")
}
