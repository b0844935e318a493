package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ErrForeign: a file or a directory is another user's, or others could have put it there.
var ErrForeign = errors.New("it is not safe to use")

// Folder is a directory of this process's own user, in which nothing is followed that
// others may have planted: symbolic links, hard links, pipes and other users' files are
// refused. It is held open, so that it cannot be exchanged meanwhile.
type Folder struct {
	dir  *os.File
	name string
}

// OpenFolder opens a directory, which must be this user's or the superuser's, and which
// nobody else may write to: neither everybody, nor a group that is not this user's own. The
// error wraps ErrForeign when it does not fulfil that.
func OpenFolder(name string) (*Folder, error) {
	dir, err := os.OpenFile(name, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK, 0)
	if err != nil {
		if path := new(fs.PathError); errors.As(err, &path) {
			err = path.Err // without the name, which is told here
		}
		return nil, fmt.Errorf("cannot open directory %s: %w", name, err)
	}
	var st unix.Stat_t
	if err = unix.Fstat(int(dir.Fd()), &st); err == nil {
		err = checkFolder(st)
	}
	if err != nil {
		_ = dir.Close() // the first error tells more
		return nil, fmt.Errorf("cannot use directory %s: %w", name, err)
	}
	return &Folder{dir: dir, name: name}, nil
}

func checkFolder(st unix.Stat_t) error {
	mode, own := st.Mode&0o777, uint32(os.Geteuid())
	switch {
	case st.Uid != own && st.Uid != 0:
		return fmt.Errorf("%w: it belongs to user %d, and this process runs as user %d", ErrForeign, st.Uid, own)
	case mode&0o002 != 0:
		return fmt.Errorf("%w: everybody may write to it (mode %04o): chmod o-w it", ErrForeign, mode)
	case mode&0o020 != 0 && st.Gid != uint32(os.Getegid()):
		return fmt.Errorf("%w: group %d may write to it (mode %04o) and is not this user's own: chmod g-w it", ErrForeign, st.Gid, mode)
	}
	return nil
}

// Close releases the folder.
func (d *Folder) Close() error { return d.dir.Close() }

// Path is the full name of a file in the folder, for people.
func (d *Folder) Path(name string) string { return filepath.Join(d.name, name) }

// Open opens a regular file of this user's in the folder, and creates it with mode 0600 if
// flags has O_CREATE. The error wraps ErrForeign when there is something else of that name.
func (d *Folder) Open(name string, flags int) (*os.File, error) {
	path := d.Path(name)
	fd, err := retry(func() (int, error) {
		return unix.Openat(int(d.dir.Fd()), name, flags|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0o600)
	})
	if errors.Is(err, unix.ELOOP) {
		err = fmt.Errorf("%w: it is a symbolic link", ErrForeign)
	}
	if errors.Is(err, unix.ENXIO) {
		err = fmt.Errorf("%w: it is a pipe or a socket", ErrForeign)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	f := os.NewFile(uintptr(fd), path)
	if err := checkOwnFile(fd); err != nil {
		_ = f.Close() // the first error tells more
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return f, nil
}

// checkOwnFile makes sure that an open file is this user's, regular and of one name, and
// that nobody else may read or write it.
func checkOwnFile(fd int) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return fmt.Errorf("%w: it is no regular file", ErrForeign)
	case st.Uid != uint32(os.Geteuid()):
		return fmt.Errorf("%w: it belongs to user %d", ErrForeign, st.Uid)
	case st.Nlink > 1:
		return fmt.Errorf("%w: it has %d names (hard links)", ErrForeign, st.Nlink)
	case st.Mode&0o077 != 0:
		return unix.Fchmod(fd, 0o600)
	}
	return nil
}

// Read returns the content of a file in the folder, at most limit bytes of it.
func (d *Folder) Read(name string, limit int64) ([]byte, error) {
	f, err := d.Open(name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, limit)
}

// Replace puts text in the place of a file's content, all of it or nothing, and returns
// when it is on the disk.
func (d *Folder) Replace(name string, text []byte) (err error) {
	next := name + ".new"
	if err := d.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := d.Open(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = d.Rename(next, name)
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", d.Path(name), err)
	}
	if err := d.dir.Sync(); err != nil {
		return fmt.Errorf("cannot write %s: %w", d.Path(name), err)
	}
	return nil
}

// Rename gives a file in the folder another name; one that has it is replaced.
func (d *Folder) Rename(from, to string) error {
	return unix.Renameat(int(d.dir.Fd()), from, int(d.dir.Fd()), to)
}

// Remove takes a file, or whatever else has its name, out of the folder.
func (d *Folder) Remove(name string) error {
	if err := unix.Unlinkat(int(d.dir.Fd()), name, 0); err != nil {
		return &fs.PathError{Op: "remove", Path: d.Path(name), Err: err}
	}
	return nil
}

// retry repeats a call that a signal has interrupted.
func retry[T any](call func() (T, error)) (T, error) {
	for {
		v, err := call()
		if !errors.Is(err, unix.EINTR) {
			return v, err
		}
	}
}
