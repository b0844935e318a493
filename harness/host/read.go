package host

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Tail is the end of a file that an app or PM2 writes, at most n bytes of it, and what the
// file is: one that is larger has lost its beginning. See openPlain for what is refused.
func Tail(name string, n int64) ([]byte, fs.FileInfo, error) { return TailFrom(name, 0, n) }

// TailFrom is Tail of what stands behind the first from bytes. A file that has become shorter
// than that is a new one, and is read as such.
func TailFrom(name string, from, n int64) ([]byte, fs.FileInfo, error) {
	f, err := openPlain(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if from > info.Size() {
		from = 0
	}
	// What is written meanwhile is left to the next call, which begins at this size.
	start := max(from, info.Size()-n)
	text, err := io.ReadAll(io.NewSectionReader(f, start, info.Size()-start))
	return text, info, err
}

// ReadFile is the content of a file that an app or PM2 writes; one of more than limit bytes
// is an error. See openPlain for what else is refused.
func ReadFile(name string, limit int64) ([]byte, error) {
	f, err := openPlain(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, limit)
}

// readAll reads a file of at most limit bytes.
func readAll(f *os.File, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) > limit {
		return nil, fmt.Errorf("cannot read %s: it is longer than %d bytes", f.Name(), limit)
	}
	return text, err
}

// openPlain opens a file for reading whose name somebody else has told. What is read may
// be sent to people, so the name must not lead to a file that whoever has chosen the name,
// or may write to its directory, could not have read:
//
//   - the file itself is no symbolic link, is regular and has no second name (hard link);
//   - directories on the way may be symbolic links of this user or of the superuser, as
//     where logs are kept under /var/log;
//   - the file belongs to this user or to the superuser. The superuser reads any user's.
//
// It waits for nothing: a pipe is refused, not opened for its writer. The error wraps
// ErrForeign when the file is refused.
func openPlain(name string) (*os.File, error) {
	dir, err := resolve(filepath.Dir(name))
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	const flags = unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC
	path := filepath.Join(dir, filepath.Base(name))
	fd, err := openUnlinked(path, flags)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) { // before Linux 5.6, or filtered
		fd, err = retry(func() (int, error) { return unix.Open(path, flags, 0) })
	}
	switch {
	case errors.Is(err, unix.ELOOP):
		err = fmt.Errorf("%w: it is a symbolic link", ErrForeign)
	case errors.Is(err, unix.ENXIO):
		err = fmt.Errorf("%w: it is a socket", ErrForeign)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	f := os.NewFile(uintptr(fd), name)
	if err := checkPlain(fd); err != nil {
		_ = f.Close() // the first error tells more
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return f, nil
}

// checkPlain makes sure that an open file is one to be read.
func checkPlain(fd int) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	own := uint32(os.Geteuid())
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return fmt.Errorf("%w: it is no regular file", ErrForeign)
	case st.Uid != own && st.Uid != 0 && own != 0:
		return fmt.Errorf("%w: it belongs to user %d", ErrForeign, st.Uid)
	case st.Nlink > 1:
		return fmt.Errorf("%w: it has %d names (hard links)", ErrForeign, st.Nlink)
	}
	return nil
}

// maxLinks bounds how many symbolic links lead to a directory, like the kernel's own limit.
const maxLinks = 40

// resolve follows the symbolic links of a directory's name, each of which must belong to
// this user or to the superuser.
func resolve(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	at, rest := "/", strings.Split(dir, "/")
	for links := 0; len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		if part == "" || part == "." {
			continue
		}
		next := filepath.Join(at, part)
		var st unix.Stat_t
		if err := unix.Lstat(next, &st); err != nil {
			return "", err
		}
		if st.Mode&unix.S_IFMT != unix.S_IFLNK {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", unix.ELOOP
		}
		if st.Uid != 0 && st.Uid != uint32(os.Geteuid()) {
			return "", fmt.Errorf("%w: %s is a symbolic link of user %d", ErrForeign, next, st.Uid)
		}
		target, err := os.Readlink(next)
		if err != nil {
			return "", err
		}
		if strings.HasPrefix(target, "/") {
			at = "/"
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return at, nil
}
