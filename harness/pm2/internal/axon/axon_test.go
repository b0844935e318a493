package axon

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

// What PM2 7.0.4 sent and was sent. The lengths of the bus messages are those of
// the capture; their JSON is cut to what the tests need.
var captured = map[string]string{
	"call": "12" + "00000033" + "6a3a7b2261726773223a5b7b7d5d2c226d6574686f64223a2267657456657273696f6e222c2274797065223a2263616c6c227d" +
		"00000006" + "733a676f3a30",
	"list": "12" + "00000037" + "6a3a7b2261726773223a5b7b7d5d2c226d6574686f64223a226765744d6f6e69746f7244617461222c2274797065223a2263616c6c227d" +
		"00000006" + "733a676f3a30",
	"reply": "12" + "00000014" + "6a3a7b2261726773223a5b22372e302e34225d7d" + "00000006" + "733a676f3a30",
	"event": "12" + "00000009" + "733a6c6f673a6f7574" + "0000000a" + "6a3a7b226174223a317d",
}

func bytesOf(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(captured[name])
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

const limit = 1 << 20

func TestCaptured(t *testing.T) {
	for name, want := range map[string][2]string{
		"call":  {`{"args":[{}],"method":"getVersion","type":"call"}`, "go:0"},
		"list":  {`{"args":[{}],"method":"getMonitorData","type":"call"}`, "go:0"},
		"reply": {`{"args":["7.0.4"]}`, "go:0"},
	} {
		raw := bytesOf(t, name)
		// A byte at a time, as a socket is free to deliver it.
		m, err := NewReader(iotest.OneByteReader(bytes.NewReader(raw)), limit).Read(nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		body, ok := AsJSON(m[0])
		id, isText := AsText(m[1])
		if !ok || !isText || string(body) != want[0] || id != want[1] {
			t.Errorf("%s: decoded %s and %s", name, body, id)
		}
		if again, err := m.Append(nil); err != nil || !bytes.Equal(again, raw) {
			t.Errorf("%s: framed again: %x (%v)", name, again, err)
		}
	}
}

func TestArguments(t *testing.T) {
	for _, arg := range [][]byte{nil, {}, []byte("s"), []byte("x:abc"), []byte("\x00\x01")} {
		if _, ok := AsText(arg); ok {
			t.Errorf("%q passed for text", arg)
		}
		if _, ok := AsJSON(arg); ok {
			t.Errorf("%q passed for JSON", arg)
		}
	}
	if _, err := JSON(func() {}); err == nil {
		t.Error("a function passed for JSON")
	}
	for _, n := range []int{0, 16} {
		if _, err := make(Message, n).Append(nil); err == nil {
			t.Errorf("%d arguments were framed", n)
		}
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
		"cut before lengths": {"\x11", io.ErrUnexpectedEOF},
		"cut in a length":    {"\x11\x00\x00", io.ErrUnexpectedEOF},
		"cut in an argument": {"\x11\x00\x00\x00\x05ab", io.ErrUnexpectedEOF},
		"cut in a long one":  {"\x11\xff\xff\xff\xffab", io.ErrUnexpectedEOF},
		"too long":           {"\x11\x00\x10\x00\x01" + strings.Repeat("x", limit+1), ErrTooLong},
	} {
		if m, err := NewReader(strings.NewReader(c.in), limit).Read(nil); !errors.Is(err, c.want) || m != nil {
			t.Errorf("%s: %v, error %v, want %v", name, m, err, c.want)
		}
	}
}

func TestReadPassesOver(t *testing.T) {
	var raw []byte
	for _, m := range []Message{
		{Text("log:out"), bytes.Repeat([]byte("x"), 3*limit)}, // unwanted, so no matter how long
		{Text("process:event"), bytes.Repeat([]byte("x"), limit+1), Text("more")},
		{Text("process:event"), bytes.Repeat([]byte("x"), limit), nil},
	} {
		raw, _ = m.Append(raw)
	}
	r := NewReader(bytes.NewReader(raw), limit)
	keep := func(first []byte) bool { return string(first) == "s:process:event" }
	if m, err := r.Read(keep); err != nil || len(m) != 1 {
		t.Errorf("unwanted message came with %d arguments (%v)", len(m), err)
	}
	if m, err := r.Read(keep); !errors.Is(err, ErrTooLong) {
		t.Errorf("too long a message came with %d arguments (%v)", len(m), err)
	}
	if m, err := r.Read(keep); err != nil || len(m) != 3 || len(m[1]) != limit || len(m[2]) != 0 {
		t.Errorf("wanted message came with %d arguments (%v)", len(m), err)
	}
	if _, err := r.Read(keep); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

// TestLengthsCostNothing: a peer that claims much and sends little must not make
// the reader allocate.
func TestLengthsCostNothing(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 100 {
		r := NewReader(strings.NewReader("\x11\x7f\xff\xff\xffab"), 1<<31-1)
		if _, err := r.Read(nil); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if spent := (after.TotalAlloc - before.TotalAlloc) / 100; spent > 512<<10 {
		t.Errorf("%d bytes allocated for 2 that came", spent)
	}
}

// TestFramesAreBounded: a frame's arguments have a limit together, else fifteen of the
// longest would be held at once.
func TestFramesAreBounded(t *testing.T) {
	var frame []byte
	for _, n := range []int{2, maxArgc} {
		m := make(Message, n)
		for i := range m {
			m[i] = bytes.Repeat([]byte("x"), limit*3/4)
		}
		frame, _ = m.Append(frame)
	}
	frame, _ = Message{Text("next")}.Append(frame)
	r := NewReader(bytes.NewReader(frame), limit)
	for range 2 {
		if m, err := r.Read(nil); !errors.Is(err, ErrTooLong) {
			t.Errorf("%d arguments were taken (%v)", len(m), err)
		}
	}
	if m, err := r.Read(nil); err != nil || string(m[0]) != "s:next" {
		t.Errorf("the next frame: %q (%v)", m, err)
	}
}

func FuzzRead(f *testing.F) {
	for name := range captured {
		f.Add(bytesOf(f, name))
	}
	f.Add(append(bytesOf(f, "event"), bytesOf(f, "reply")...))
	f.Add([]byte("\x11\x00\x00\x00\x05ab"))
	f.Add([]byte("\x12\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := NewReader(bytes.NewReader(in), 1<<10)
		for {
			m, err := r.Read(nil)
			if errors.Is(err, ErrTooLong) {
				continue
			}
			if err != nil {
				return
			}
			framed, err := m.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			again, err := NewReader(bytes.NewReader(framed), 1<<10).Read(nil)
			if err != nil || !reflect.DeepEqual(again, m) {
				t.Fatalf("%q became %q (%v)", m, again, err)
			}
		}
	})
}

// FuzzSkip: what is passed over leaves the reader where reading would have.
func FuzzSkip(f *testing.F) {
	f.Add(append(bytesOf(f, "event"), bytesOf(f, "reply")...), uint8(1))
	f.Fuzz(func(t *testing.T, in []byte, which uint8) {
		count := func(keep func([]byte) bool) (frames int, end error) {
			r := NewReader(bytes.NewReader(in), 1<<20)
			for {
				if _, err := r.Read(keep); err != nil {
					return frames, err
				}
				frames++
			}
		}
		all, err := count(nil)
		skipped, skipErr := count(func(first []byte) bool { return len(first)%2 == int(which)%2 })
		if all != skipped && !errors.Is(err, ErrTooLong) || (err == io.EOF) != (skipErr == io.EOF) && !errors.Is(err, ErrTooLong) {
			t.Fatalf("%d frames (%v) read, %d (%v) with some passed over", all, err, skipped, skipErr)
		}
	})
}
