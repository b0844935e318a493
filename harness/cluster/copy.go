package cluster

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"time"

	"github.com/moby/moby/client"
)

// copyIn puts the app, what it shares and the engine where they belong.
func (c *Cluster) copyIn(ctx context.Context, spec Spec) error {
	r, w := io.Pipe()
	go func() {
		t := tar.NewWriter(w)
		err := errors.Join(
			spec.addApp(t),
		)
		if spec.OnPath {
			err = errors.Join(err, addBinary(t, spec.Binary))
		}
		if spec.Engine != nil {
			err = errors.Join(err, addFolder(t, spec.Engine, ".", EngineDir[1:], keepText))
		}
		w.CloseWithError(errors.Join(err, t.Close()))
	}()
	_, err := c.docker.api.CopyToContainer(ctx, c.id, client.CopyToContainerOptions{DestinationPath: "/", Content: r})
	if err != nil {
		return errors.Join(fmt.Errorf("cannot copy the app into the container: %w", err), r.Close())
	}
	if spec.Own != nil && spec.Own.Modules != nil {
		return c.copyModules(ctx, spec.Own.Modules)
	}
	return nil
}

func (s Spec) addApp(t *tar.Writer) error {
	if s.Own != nil {
		if s.Shared && s.Own.Image != "" { // a volume, which PM2 cannot make itself
			if err := addFolders(t, 0o777, PM2Home); err != nil {
				return err
			}
		}
		return errors.Join(s.Own.add(t), addFolder(t, s.Apps.Lib, ".", "srv/lib", removeHints))
	}
	if s.Plain != nil {
		return addFolder(t, s.Plain, ".", "srv", keepText)
	}
	return s.addFixture(t)
}

// User and group that containers run as (images/node).
const userID = 1000

// addFolder adds a folder's files as edit gives them back; those of which it gives
// back nil are left out. Links are followed.
func addFolder(t *tar.Writer, folder fs.FS, from, to string, edit func(name string, text []byte) []byte) error {
	folder, err := fs.Sub(folder, from)
	if err != nil {
		return err
	}
	return fs.WalkDir(folder, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := fs.Stat(folder, name)
		if err != nil {
			return err
		}
		h := &tar.Header{Name: path.Join(to, name), Mode: 0o755, Uid: userID, Gid: userID, Typeflag: tar.TypeDir}
		if info.IsDir() {
			return t.WriteHeader(h)
		}
		b, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		if b = edit(name, b); b == nil {
			return nil
		}
		h.Mode = 0o644 | int64(info.Mode().Perm()&0o111)
		return addText(t, h, string(b))
	})
}

// addText adds a file of the container's user, of which h has the name, the mode and the time.
func addText(t *tar.Writer, h *tar.Header, text string) error {
	h.Uid, h.Gid, h.Typeflag, h.Size = userID, userID, tar.TypeReg, int64(len(text))
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	_, err := io.WriteString(t, text)
	return err
}

// addFolders adds empty folders of the container's user, each by its absolute path.
func addFolders(t *tar.Writer, mode int64, dirs ...string) error {
	for _, dir := range dirs {
		h := &tar.Header{Name: dir[1:], Mode: mode, Uid: userID, Gid: userID, Typeflag: tar.TypeDir}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
	}
	return nil
}

func keepText(_ string, text []byte) []byte { return text }

// removeHints takes from an app what no engine may read: the README that says what is
// broken, and comments that do. Lines keep their numbers.
func removeHints(name string, text []byte) []byte {
	switch path.Ext(name) {
	case ".md":
		return nil
	case ".js":
		return comment.ReplaceAll(text, nil)
	}
	return text
}

// comment is a line of JavaScript that is one.
var comment = regexp.MustCompile(`(?m)^[ \t]*//.*$`)

// addBinary adds pm2drill as a command on the PATH.
func addBinary(t *tar.Writer, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	h := &tar.Header{Name: "usr/local/bin/pm2drill", Mode: 0o755, Size: info.Size(), Typeflag: tar.TypeReg}
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	_, err = io.Copy(t, f)
	return err
}

// Put writes a file in the container, as its user, over Docker's own interface: no process
// in there does it. The folder must be there.
func (c *Cluster) Put(ctx context.Context, file, text string) error {
	var b bytes.Buffer
	t := tar.NewWriter(&b)
	err := addText(t, &tar.Header{Name: path.Base(file), Mode: 0o644, ModTime: time.Now()}, text)
	if err = errors.Join(err, t.Close()); err == nil {
		_, err = c.docker.api.CopyToContainer(ctx, c.id, client.CopyToContainerOptions{DestinationPath: path.Dir(file), Content: &b})
	}
	if err != nil {
		return fmt.Errorf("cannot write %s in the container: %w", file, err)
	}
	return nil
}

// formatOutsidePath returns the path of a file of the container as a process outside the
// container sees it.
func (c *Cluster) formatOutsidePath(file string) string {
	return fmt.Sprintf("/proc/%d/root%s", c.init, file)
}

// Move gives a file of the container another name, from outside and as root.
func (c *Cluster) Move(ctx context.Context, from, to string) error {
	out, err := c.docker.exec(ctx, c.outside, "mv", c.formatOutsidePath(from), c.formatOutsidePath(to))
	if err = errors.Join(err, out.Failed()); err != nil {
		return fmt.Errorf("cannot move %s to %s in the container: %w", from, to, err)
	}
	return nil
}

// Remove removes a file of the container from outside. One that is not there is no error.
func (c *Cluster) Remove(ctx context.Context, file string) error {
	out, err := c.docker.exec(ctx, c.outside, "rm", "-f", c.formatOutsidePath(file))
	if err == nil {
		err = out.Failed()
	}
	if err != nil {
		return fmt.Errorf("cannot remove %s in the container: %w", file, err)
	}
	return nil
}

// ReadDir returns the files of a folder in the container, by their names; of a
// file, just that one.
func (c *Cluster) ReadDir(ctx context.Context, dir string) (map[string][]byte, error) {
	out, err := c.docker.api.CopyFromContainer(ctx, c.id, client.CopyFromContainerOptions{SourcePath: dir})
	if err != nil {
		return nil, fmt.Errorf("cannot copy %s out of the container: %w", dir, err)
	}
	defer out.Content.Close()
	files := map[string][]byte{}
	for t := tar.NewReader(out.Content); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, fmt.Errorf("cannot copy %s out of the container: %w", dir, err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		var b bytes.Buffer
		if _, err := io.Copy(&b, t); err != nil {
			return nil, fmt.Errorf("cannot copy %s out of the container: %w", h.Name, err)
		}
		files[path.Base(h.Name)] = b.Bytes()
	}
}
