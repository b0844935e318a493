package sandbox

import (
	"crypto/hmac"
	"crypto/md5"  // #nosec G501 -- what the file asks for
	"crypto/sha1" // #nosec G505 -- what the file asks for
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// encode makes bytes of a text, as Buffer.from(text, encoding) does
// (nodejs.org/api/buffer.html, "Buffers and character encodings").
func (m *machine) encode(text, encoding string) goja.Value {
	var out []byte
	switch encoding {
	case "utf8":
		out = []byte(text)
	case "hex":
		n := 0
		for n+1 < len(text) && isHex(text[n]) && isHex(text[n+1]) {
			n += 2
		}
		out, _ = hex.DecodeString(text[:n]) // checked above
	case "base64":
		out = decodeBase64(text)
	case "latin1", "ascii":
		for _, c := range text {
			if c > 0xffff {
				return m.endUnsupported("the encoding " + encoding + " of such a text")
			}
			out = append(out, byte(c)) // #nosec G115 -- Node takes the low byte, too
		}
	default:
		return m.endUnsupported("the encoding " + encoding)
	}
	return m.vm.ToValue(m.vm.NewArrayBuffer(out))
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

// decodeBase64 reads both alphabets up to the first "=", and leaves out what is in
// neither.
func decodeBase64(text string) []byte {
	text, _, _ = strings.Cut(text, "=")
	text = strings.Map(func(c rune) rune {
		switch {
		case c == '-':
			return '+'
		case c == '_':
			return '/'
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '+', c == '/':
			return c
		}
		return -1
	}, text)
	if len(text)%4 == 1 {
		text = text[:len(text)-1]
	}
	out, _ := base64.RawStdEncoding.DecodeString(text) // it has nothing else left
	return out
}

// decode makes a text of bytes, as Buffer's toString(encoding) does.
func (m *machine) decode(bytes goja.ArrayBuffer, encoding string) goja.Value {
	raw := bytes.Bytes()
	switch encoding {
	case "utf8":
		if !utf8.Valid(raw) {
			return m.endUnsupported("bytes that are no UTF-8")
		}
		return m.vm.ToValue(string(raw))
	case "hex":
		return m.vm.ToValue(hex.EncodeToString(raw))
	case "base64":
		return m.vm.ToValue(base64.StdEncoding.EncodeToString(raw))
	case "base64url":
		return m.vm.ToValue(base64.RawURLEncoding.EncodeToString(raw))
	case "latin1", "ascii":
		out := make([]rune, len(raw))
		for i, b := range raw {
			if encoding == "ascii" {
				b &= 0x7f
			}
			out[i] = rune(b)
		}
		return m.vm.ToValue(string(out))
	}
	return m.endUnsupported("the encoding " + encoding)
}

// digest returns the hash of bytes; with a key, their HMAC.
func (m *machine) digest(algorithm string, bytes goja.ArrayBuffer, key goja.Value) goja.Value {
	makers := map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New}
	make, ok := makers[strings.ReplaceAll(strings.ToLower(algorithm), "sha-", "sha")]
	if !ok {
		return m.endUnsupported("the digest " + algorithm)
	}
	h := make()
	if secret, ok := key.Export().(goja.ArrayBuffer); ok {
		h = hmac.New(make, secret.Bytes())
	}
	h.Write(bytes.Bytes()) // a hash takes all
	return m.vm.ToValue(m.vm.NewArrayBuffer(h.Sum(nil)))
}
