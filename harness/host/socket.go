package host

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Socket is one TCP socket of this network namespace.
type Socket struct {
	Local  netip.AddrPort
	Remote netip.AddrPort
	RecvQ  int    // bytes not read; of a listener: connections not accepted
	SendQ  int    // bytes not acknowledged; of a listener: its backlog
	Inode  uint32 // names the socket in /proc/PID/fd
	UID    int    // user who made it
	PID    int    // owner, 0 when it cannot be seen
	State  byte   // as the kernel numbers it: TCPEstablished, TCPConnecting, TCPListen
	V6Only bool   // of a listener on IPv6: it takes no IPv4 connection (IPV6_V6ONLY)
}

// TCP states as the kernel numbers them (include/net/tcp_states.h).
const (
	TCPEstablished = 1
	TCPConnecting  = 2 // SYN sent, no answer yet
	TCPListen      = 10
)

// ownerLooks is how often all processes are searched for the owner of a socket:
// one that was handed to a new process in the meantime is found the second time.
const ownerLooks = 2

// Listeners returns the TCP sockets that listen on the port, with their owners.
// Looking through every process for an owner is dear; likely names processes to
// try first. The kernel is asked by netlink for listeners only: walking /proc/net/tcp on a
// busy host costs tens of milliseconds and itself drops requests.
//
// A socket that is closed while its owner is looked for is left out. One without
// an owner listened to the end, in a process that may not be looked into.
func Listeners(port int, likely ...int) ([]Socket, error) {
	socks, err := listListening(port)
	setOwners(socks, likely)
	for range ownerLooks {
		if err != nil || !slices.ContainsFunc(socks, isOwnerless) {
			break
		}
		var pids []int
		if pids, err = listAll(); err != nil {
			break
		}
		setOwners(socks, pids)
		var still []Socket
		still, err = listListening(port)
		socks = slices.DeleteFunc(socks, func(s Socket) bool {
			return isOwnerless(s) && !slices.ContainsFunc(still, func(o Socket) bool { return o.Inode == s.Inode })
		})
	}
	return socks, err
}

// LoopbackListeners returns the TCP sockets that listen on a loopback address of this network
// namespace, without their owners.
func LoopbackListeners() ([]Socket, error) {
	return dump(1<<TCPListen, func(s Socket) bool { return s.Local.Addr().Unmap().IsLoopback() })
}

// FindOwner returns which of these processes holds a socket, 0 if none of them does.
func FindOwner(s Socket, pids ...int) int {
	found := []Socket{s}
	setOwners(found, pids)
	return found[0].PID
}

func isOwnerless(s Socket) bool { return s.PID == 0 }

func listListening(port int) ([]Socket, error) {
	return dump(1<<TCPListen, matchPort(port))
}

func matchPort(port int) func(Socket) bool {
	return func(s Socket) bool { return int(s.Local.Port()) == port }
}

// Established returns the established TCP sockets whose local port is port.
// Owners are looked up among pids only; others keep PID 0.
func Established(port int, pids ...int) ([]Socket, error) {
	socks, err := dump(1<<TCPEstablished, matchPort(port))
	if err != nil || len(pids) == 0 {
		return socks, err
	}
	setOwners(socks, pids)
	return socks, nil
}

// OfProcesses returns the TCP sockets of these processes: those that listen, that are
// connected, and that wait to be.
func OfProcesses(pids ...int) ([]Socket, error) {
	if len(pids) == 0 {
		return nil, nil
	}
	socks, err := dump(1<<TCPListen|1<<TCPEstablished|1<<TCPConnecting, func(Socket) bool { return true })
	if err != nil {
		return nil, err
	}
	setOwners(socks, pids)
	return slices.DeleteFunc(socks, isOwnerless), nil
}

// dump asks sock_diag(7) for the TCP sockets in the given states, both families.
func dump(states uint32, keep func(Socket) bool) ([]Socket, error) {
	var out []Socket
	err := diagnose(states, 0, func(s Socket, _ []byte) {
		if keep(s) {
			out = append(out, s)
		}
	})
	return out, err
}

// diagnose asks sock_diag(7) for the TCP sockets in the given states, both
// families, and hands each to each with the attributes that extensions (a mask of
// 1<<(INET_DIAG_* - 1)) ask for.
func diagnose(states uint32, extensions byte, each func(s Socket, attributes []byte)) error {
	conn, err := netlink.Dial(socketDiag, nil)
	if err != nil {
		return fmt.Errorf("cannot ask the kernel for sockets: %w", err)
	}
	defer conn.Close()
	for _, family := range []byte{unix.AF_INET, unix.AF_INET6} {
		msgs, err := conn.Execute(netlink.Message{
			Header: netlink.Header{Type: sockDiagByFamily, Flags: netlink.Request | netlink.Dump},
			Data:   encodeRequest(family, extensions, states),
		})
		if err != nil {
			return fmt.Errorf("cannot ask the kernel for sockets: %w", err)
		}
		for _, m := range msgs {
			s, err := parseDiag(m.Data)
			if err != nil {
				return err
			}
			each(s, m.Data[diagSize:])
		}
	}
	return nil
}

// encodeRequest returns a struct inet_diag_req_v2: family, protocol, a bit mask of
// extensions, one byte unused, a bit mask of states, and 48 bytes of socket id that a
// dump leaves empty.
func encodeRequest(family, extensions byte, states uint32) []byte {
	b := make([]byte, 56)
	b[0], b[1], b[2] = family, unix.IPPROTO_TCP, extensions
	binary.NativeEndian.PutUint32(b[4:], states)
	return b
}

// diagSize is the length of struct inet_diag_msg; attributes follow it.
const diagSize = 72

// parseDiag reads struct inet_diag_msg (linux/inet_diag.h).
func parseDiag(b []byte) (Socket, error) {
	if len(b) < diagSize {
		return Socket{}, fmt.Errorf("cannot read the kernel's socket message: %d bytes", len(b))
	}
	addr := func(at int) netip.Addr {
		if b[0] == unix.AF_INET {
			return netip.AddrFrom4([4]byte(b[at : at+4]))
		}
		return netip.AddrFrom16([16]byte(b[at : at+16])).Unmap()
	}
	return Socket{
		Local:  netip.AddrPortFrom(addr(8), binary.BigEndian.Uint16(b[4:])),
		Remote: netip.AddrPortFrom(addr(24), binary.BigEndian.Uint16(b[6:])),
		RecvQ:  int(binary.NativeEndian.Uint32(b[56:])),
		SendQ:  int(binary.NativeEndian.Uint32(b[60:])),
		UID:    int(binary.NativeEndian.Uint32(b[64:])),
		Inode:  binary.NativeEndian.Uint32(b[68:]),
		State:  b[1],
		V6Only: isV6Only(b[diagSize:]),
	}, nil
}

// diagV6Only is INET_DIAG_SKV6ONLY (linux/inet_diag.h), which the kernel tells of every
// listener on IPv6: one byte.
const diagV6Only = 11

// isV6Only looks for that attribute behind the message. What cannot be read has none.
func isV6Only(attributes []byte) bool {
	attrs, err := netlink.UnmarshalAttributes(attributes)
	if err != nil {
		return false
	}
	i := slices.IndexFunc(attrs, func(a netlink.Attribute) bool { return a.Type == diagV6Only })
	return i >= 0 && len(attrs[i].Data) > 0 && attrs[i].Data[0] == 1
}

// setOwners fills in the owners that are among pids. Processes that may not be looked
// into are passed over.
func setOwners(socks []Socket, pids []int) {
	want := map[uint32][]int{}
	for i, s := range socks {
		want[s.Inode] = append(want[s.Inode], i)
	}
	for _, pid := range pids {
		for _, inode := range listSockets(pid) {
			for _, i := range want[inode] {
				socks[i].PID = pid
			}
		}
	}
}

// listSockets returns the inodes of the sockets that a process holds, none if it has
// ended or is somebody else's.
func listSockets(pid int) []uint32 {
	dir, err := os.Open(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil && !errors.Is(err, unix.ESRCH) {
		return nil
	}
	var out []uint32
	for _, name := range names {
		link, err := os.Readlink(dir.Name() + "/" + name)
		if err != nil {
			continue
		}
		if n, ok := strings.CutPrefix(link, "socket:["); ok {
			if inode, err := strconv.ParseUint(strings.TrimSuffix(n, "]"), 10, 32); err == nil {
				out = append(out, uint32(inode))
			}
		}
	}
	return out
}
