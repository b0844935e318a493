package axon

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

// getVersion's reply as PM2 7.0.4 sent it.
const captured = "1200000014" + "6a3a7b2261726773223a5b22372e302e34225d7d" + "00000006" + "733a676f3a30"

func TestCaptured(t *testing.T) {
	raw, err := hex.DecodeString(captured)
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewReader(bytes.NewReader(raw)).Read(nil)
	if err != nil {
		t.Fatal(err)
	}
	var reply struct{ Args []string }
	if err := AsJSON(m[0], &reply); err != nil || len(reply.Args) != 1 || reply.Args[0] != "7.0.4" {
		t.Errorf("decoded %+v (%v)", reply, err)
	}
	if id, ok := AsText(m[1]); !ok || id != "go:0" {
		t.Errorf("id %q", id)
	}
	if again, err := m.Append(nil); err != nil || !bytes.Equal(again, raw) {
		t.Errorf("framed again: %x (%v)", again, err)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want error
	}{
		"nothing":            {"", io.EOF},
		"HTTP":               {"GET / HTTP/1.1\r\n\r\n", ErrFormat},
		"another version":    {"\x22\x00\x00\x00\x00", ErrFormat},
		"no arguments":       {"\x10", ErrFormat},
		"a huge argument":    {"\x11\xff\xff\xff\xff", ErrFormat},
		"cut in a length":    {"\x11\x00\x00", io.ErrUnexpectedEOF},
		"cut in an argument": {"\x11\x00\x00\x00\x05ab", io.ErrUnexpectedEOF},
	} {
		if _, err := NewReader(strings.NewReader(c.in)).Read(nil); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
}

func TestReadSkipsWhatIsNotWanted(t *testing.T) {
	var raw []byte
	for _, topic := range []string{"log:out", "process:event"} {
		raw, _ = Message{Text(topic), bytes.Repeat([]byte("x"), 100)}.Append(raw)
	}
	r := NewReader(bytes.NewReader(raw))
	keep := func(first []byte) bool { return string(first) == "s:process:event" }
	if m, err := r.Read(keep); err != nil || len(m) != 1 {
		t.Errorf("unwanted message came with %d arguments (%v)", len(m), err)
	}
	if m, err := r.Read(keep); err != nil || len(m) != 2 {
		t.Errorf("wanted message came with %d arguments (%v)", len(m), err)
	}
}

func FuzzRead(f *testing.F) {
	raw, _ := hex.DecodeString(captured)
	f.Add(raw)
	f.Add([]byte("\x11\x00\x00\x00\x05ab"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := NewReader(bytes.NewReader(in))
		for {
			m, err := r.Read(nil)
			if err != nil {
				return
			}
			framed, err := m.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			again, err := NewReader(bytes.NewReader(framed)).Read(nil)
			if err != nil || !reflect.DeepEqual(again, m) {
				t.Fatalf("%q became %q (%v)", m, again, err)
			}
		}
	})
}
