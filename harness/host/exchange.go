package host

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/mdlayher/netlink"
)

// Exchange is an established TCP connection and what has passed over it, as the
// kernel counts it (struct tcp_info, linux/tcp.h).
type Exchange struct {
	Socket
	Received uint64 // bytes that came, read or not
	Sent     uint64 // bytes that were written, acknowledged or not
	// Last says when data came last and went last, counted back from now in the
	// kernel's ticks (1 to 10 ms). Both start at the connection's beginning.
	LastReceived, LastSent time.Duration
}

// Attribute INET_DIAG_INFO (linux/inet_diag.h), and where struct tcp_info has what
// is read of it.
const (
	diagInfo        = 2
	lastDataSentAt  = 44
	lastDataRecvAt  = 52
	bytesAckedAt    = 120
	bytesReceivedAt = 128
	infoSize        = 136
)

// Exchanges returns the established connections whose local port is port and that
// process pid has.
func Exchanges(port, pid int) ([]Exchange, error) {
	held := map[uint32]bool{}
	for _, inode := range listSockets(pid) {
		held[inode] = true
	}
	var out []Exchange
	var bad error
	err := diagnose(1<<TCPEstablished, 1<<(diagInfo-1), func(s Socket, attributes []byte) {
		if int(s.Local.Port()) != port || !held[s.Inode] {
			return
		}
		s.PID = pid
		e, err := parseExchange(s, attributes)
		if err != nil {
			bad = err
		}
		out = append(out, e)
	})
	if err == nil {
		err = bad
	}
	return out, err
}

// parseExchange finds struct tcp_info among a socket's attributes.
func parseExchange(s Socket, attributes []byte) (Exchange, error) {
	list, err := netlink.UnmarshalAttributes(attributes)
	if err != nil {
		return Exchange{}, fmt.Errorf("cannot read the kernel's socket attributes: %w", err)
	}
	for _, a := range list {
		if a.Type != diagInfo || len(a.Data) < infoSize {
			continue
		}
		ms := func(at int) time.Duration {
			return time.Duration(binary.NativeEndian.Uint32(a.Data[at:])) * time.Millisecond
		}
		return Exchange{
			Socket:   s,
			Received: binary.NativeEndian.Uint64(a.Data[bytesReceivedAt:]),
			Sent:     binary.NativeEndian.Uint64(a.Data[bytesAckedAt:]) + uint64(s.SendQ),
			LastSent: ms(lastDataSentAt), LastReceived: ms(lastDataRecvAt),
		}, nil
	}
	return Exchange{}, fmt.Errorf("cannot read the kernel's socket attributes: no tcp_info for %s", s.Local)
}
