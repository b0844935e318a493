// Package axon speaks the framing of PM2's two sockets (pm2-axon over AMP,
// version 1):
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

const (
	maxArgc = 15 // four bits
	version = 1
)

// ErrFormat: the peer does not speak axon. The stream is of no more use.
var ErrFormat = errors.New("not an axon frame")

// ErrTooLong: an argument is longer than the Reader's limit, or all of a frame are
// together. Its frame has been passed over, and the next Read goes on with the next one.
var ErrTooLong = errors.New("an argument is too long")

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

// AsJSON returns a JSON argument's JSON, which nobody has looked at yet.
func AsJSON(arg []byte) ([]byte, bool) {
	if len(arg) < 2 || string(arg[:2]) != "j:" {
		return nil, false
	}
	return arg[2:], true
}

// Reader reads frames from a stream. It holds one frame at a time, allocates
// for what has arrived and not for what a length claims, and spends no memory on
// arguments it passes over.
type Reader struct {
	r     *bufio.Reader
	limit int64
}

// slack is how many bytes the arguments of a frame may have together beyond the limit of
// one: a frame is a topic and a payload, or a payload and an id.
const slack = 64 << 10

// NewReader reads from r. limit is the most bytes of one argument; all arguments
// of a frame may have 64 KiB more.
func NewReader(r io.Reader, limit int) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, 16<<10), limit: int64(limit)}
}

// Read returns the next message. keep, if not nil, is asked once the first
// argument is read whether the rest is wanted; an unwanted message comes back
// with its first argument only. The error is io.EOF between frames,
// io.ErrUnexpectedEOF within one, and wraps ErrFormat or ErrTooLong when it is
// about a frame.
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
	for room := r.limit + slack; len(m) < argc; {
		n, err := r.readLength()
		if err != nil {
			return nil, err
		}
		if most := min(r.limit, room); n > most {
			if err := r.passOver(n, argc-len(m)-1); err != nil {
				return nil, err
			}
			return nil, fmt.Errorf("%w: %d bytes are more than %d", ErrTooLong, n, most)
		}
		room -= n
		arg, err := r.readArg(int(n))
		if err != nil {
			return nil, err
		}
		m = append(m, arg)
		if len(m) == 1 && keep != nil && !keep(arg) {
			if err := r.passOver(0, argc-1); err != nil {
				return nil, err
			}
			return m, nil
		}
	}
	return m, nil
}

// passOver reads n bytes and args arguments that are not wanted.
func (r *Reader) passOver(n int64, args int) error {
	for {
		if err := r.skip(n); err != nil || args == 0 {
			return err
		}
		var err error
		if n, err = r.readLength(); err != nil {
			return err
		}
		args--
	}
}

func (r *Reader) readLength() (int64, error) {
	var size [4]byte
	if _, err := io.ReadFull(r.r, size[:]); err != nil {
		return 0, markUnexpected(err)
	}
	return int64(binary.BigEndian.Uint32(size[:])), nil
}

// chunk is how much is allocated ahead of what has arrived.
const chunk = 64 << 10

func (r *Reader) readArg(n int) ([]byte, error) {
	b := make([]byte, 0, min(n, chunk))
	for len(b) < n {
		from := len(b)
		to := min(n, max(chunk, 2*from))
		b = append(b, make([]byte, to-from)...)
		if _, err := io.ReadFull(r.r, b[from:]); err != nil {
			return nil, markUnexpected(err)
		}
	}
	return b, nil
}

func (r *Reader) skip(n int64) error {
	for n > 0 {
		step := min(n, chunk)
		if _, err := r.r.Discard(int(step)); err != nil {
			return markUnexpected(err)
		}
		n -= step
	}
	return nil
}

// markUnexpected turns an end within a frame into io.ErrUnexpectedEOF.
func markUnexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
