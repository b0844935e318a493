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

	"github.com/moby/moby/client"
)

// copyIn puts the app, what it shares and the binary where they belong.
func (c *Cluster) copyIn(ctx context.Context, spec Spec) error {
	r, w := io.Pipe()
	go func() {
		t := tar.NewWriter(w)
		err := errors.Join(
			addFolder(t, spec.Apps, spec.App, "srv/app"),
			addFolder(t, spec.Apps, "lib", "srv/lib"),
			addBinary(t, spec.Binary),
		)
		w.CloseWithError(errors.Join(err, t.Close()))
	}()
	_, err := c.docker.api.CopyToContainer(ctx, c.id, client.CopyToContainerOptions{DestinationPath: "/", Content: r})
	if err != nil {
		return errors.Join(fmt.Errorf("cannot copy the app into the container: %w", err), r.Close())
	}
	return nil
}

// User and group that containers run as (images/node).
const userID = 1000

func addFolder(t *tar.Writer, apps fs.FS, from, to string) error {
	return fs.WalkDir(apps, from, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		h := &tar.Header{Name: path.Join(to, name[len(from):]), Mode: 0o755, Uid: userID, Gid: userID, Typeflag: tar.TypeDir}
		if e.IsDir() {
			return t.WriteHeader(h)
		}
		b, err := fs.ReadFile(apps, name)
		if err != nil {
			return err
		}
		h.Typeflag, h.Mode, h.Size = tar.TypeReg, 0o644, int64(len(b))
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		_, err = t.Write(b)
		return err
	})
}

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
	h := &tar.Header{Name: Binary[1:], Mode: 0o755, Size: info.Size(), Typeflag: tar.TypeReg}
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	_, err = io.Copy(t, f)
	return err
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
