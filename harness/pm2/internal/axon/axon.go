// Package axon speaks the framing of PM2's two sockets (pm2-axon, AMP version 1):
//
//	byte 0x10|argc, then argc times: uint32 big-endian length, that many bytes
//
// An argument is "j:" and JSON, "s:" and text, or raw bytes.
package axon

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Limits of what is read. PM2's longest message is the process list, which
// carries every worker's environment.
const (
	MaxArg  = 64 << 20 // bytes of one argument
	maxArgc = 15
	version = 1
)

// ErrFormat: the peer does not speak axon.
var ErrFormat = errors.New("not an axon frame")

// Message is the arguments of one frame, as they stand on the wire.
type Message [][]byte

// Append adds the message's frame to b.
func (m Message) Append(b []byte) ([]byte, error) {
	if len(m) == 0 || len(m) > maxArgc {
		return b, fmt.Errorf("cannot frame %d arguments: 1 to %d fit", len(m), maxArgc)
	}
	b = append(b, byte(version<<4|len(m)))
	for _, arg := range m {
		b = binary.BigEndian.AppendUint32(b, uint32(len(arg)))
		b = append(b, arg...)
	}
	return b, nil
}

// Text is an argument of text.
func Text(s string) []byte { return append([]byte("s:"), s...) }

// JSON is an argument of JSON.
func JSON(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	return append([]byte("j:"), b...), err
}

// AsText returns a text argument's text.
func AsText(arg []byte) (string, bool) {
	if len(arg) < 2 || string(arg[:2]) != "s:" {
		return "", false
	}
	return string(arg[2:]), true
}

// AsJSON decodes a JSON argument into v.
func AsJSON(arg []byte, v any) error {
	if len(arg) < 2 || string(arg[:2]) != "j:" {
		return fmt.Errorf("%w: argument %.20q is not JSON", ErrFormat, arg)
	}
	return json.Unmarshal(arg[2:], v)
}

// Reader reads frames from a stream. An argument it is told to skip costs no
// memory.
type Reader struct {
	r *bufio.Reader
}

// NewReader reads from r.
func NewReader(r io.Reader) *Reader { return &Reader{bufio.NewReaderSize(r, 64<<10)} }

// Read returns the next message. keep, if not nil, is asked once the first
// argument is read whether the rest is wanted; an unwanted message comes back
// with its first argument only. The error is io.EOF between frames,
// io.ErrUnexpectedEOF within one, and wraps ErrFormat when the bytes are none.
func (r *Reader) Read(keep func(first []byte) bool) (Message, error) {
	head, err := r.r.ReadByte()
	if err != nil {
		return nil, err
	}
	argc := int(head & 0xf)
	if head>>4 != version || argc == 0 {
		return nil, fmt.Errorf("%w: it starts with byte %#x", ErrFormat, head)
	}
	m := make(Message, 0, argc)
	wanted := true
	for i := range argc {
		arg, err := r.arg(wanted)
		if err != nil {
			return nil, err
		}
		if !wanted {
			continue
		}
		m = append(m, arg)
		if i == 0 && keep != nil {
			wanted = keep(arg)
		}
	}
	return m, nil
}

func (r *Reader) arg(wanted bool) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(r.r, size[:]); err != nil {
		return nil, unexpected(err)
	}
	n := int64(binary.BigEndian.Uint32(size[:]))
	if n > MaxArg {
		return nil, fmt.Errorf("%w: an argument of %d bytes", ErrFormat, n)
	}
	if !wanted {
		_, err := r.r.Discard(int(n))
		return nil, unexpected(err)
	}
	// Memory grows with what arrives, not with what a length claims.
	b, err := io.ReadAll(io.LimitReader(r.r, n))
	if err == nil && int64(len(b)) < n {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
