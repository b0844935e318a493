package cluster

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/moby/client"
)

// Own is an app from outside this repository, which knows nothing of a drill.
type Own struct {
	Dir   string            // its folder; becomes OwnDir, with its symbolic links, without .git. "" for an app that Image has
	File  string            // its ecosystem file, seen from the folder; where Image has the app, its path there
	Env   string            // what pm2 is called with: --env NAME; "" for nothing
	Vars  map[string]string // the environment that pm2 is called in, beside the container's own
	Image string            // that has node and pm2, where it is not one of ours; "" for ours
	Only  string            // PM2 starts that app alone of the file; "" for all
	// Changed are files that the copy in the container has instead of those in the folder, or in
	// addition, by their paths in it with slashes.
	Changed map[string][]byte
	Modules *os.File // an archive of its node_modules, as InstallModules makes it, instead of those in the folder; nil for those
}

// OwnDir is where an app from outside is put. No node_modules lie above it: what it
// does not bring along it has not.
const OwnDir = "/opt/app"

// witness is what every Node process of an app from outside loads first
// (fixtures/node-apps/lib/witness.js).
const witness = "--require=/srv/lib/witness.js"

// buildEnv returns the variables that the container of an app from outside has in
// addition.
func (o *Own) buildEnv() map[string]string {
	env := maps.Clone(o.Vars)
	if env == nil {
		env = map[string]string{}
	}
	env["NODE_OPTIONS"] = strings.TrimSpace(witness + " " + env["NODE_OPTIONS"])
	env["PM2_HOME"] = PM2Home
	return env
}

// add puts the app and what a drill needs beside it into the archive.
func (o *Own) add(t *tar.Writer) error {
	if err := addFolders(t, 0o777, o.listDirs()...); err != nil {
		return err
	}
	if o.Dir == "" {
		return nil
	}
	return errors.Join(o.addTree(t, OwnDir[1:]), o.addChanged(t))
}

// addChanged adds the files that are not as in the folder, each with the mode that it has there.
func (o *Own) addChanged(t *tar.Writer) error {
	for _, name := range slices.Sorted(maps.Keys(o.Changed)) {
		h := &tar.Header{Name: path.Join(OwnDir[1:], name), Mode: 0o644}
		if info, err := os.Stat(filepath.Join(o.Dir, filepath.FromSlash(name))); err == nil {
			h.Mode = int64(info.Mode().Perm())
		}
		if err := addText(t, h, string(o.Changed[name])); err != nil {
			return err
		}
	}
	return nil
}

// listDirs returns the folders that anybody may write to. In somebody's image nothing is
// there, and its user may be anybody. PM2 makes its home itself, so that it belongs to
// its user and an engine can trust it.
func (o *Own) listDirs() []string {
	dirs := []string{"/srv/flags"}
	if o.Image != "" {
		dirs = append(dirs, path.Dir(PM2Home))
	}
	return dirs
}

// addTree adds the folder itself.
func (o *Own) addTree(t *tar.Writer, to string) error {
	return filepath.WalkDir(o.Dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		within, err := filepath.Rel(o.Dir, name)
		if err != nil {
			return err
		}
		if within == ".git" || (within == "node_modules" && o.Modules != nil) {
			return filepath.SkipDir
		}
		if _, changed := o.Changed[filepath.ToSlash(within)]; changed {
			return nil
		}
		return addFile(t, name, path.Join(to, filepath.ToSlash(within)), d)
	})
}

// addFile adds a file, a directory or a symbolic link; sockets and the like are no
// part of an app.
func addFile(t *tar.Writer, name, as string, d fs.DirEntry) error {
	info, err := d.Info()
	if err != nil {
		return err
	}
	link := ""
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		if link, err = os.Readlink(name); err != nil {
			return err
		}
	case !info.IsDir() && !info.Mode().IsRegular():
		return nil
	}
	h, err := tar.FileInfoHeader(info, link)
	if err != nil {
		return err
	}
	h.Name, h.Uid, h.Gid, h.Uname, h.Gname = as, userID, userID, "", ""
	if err := t.WriteHeader(h); err != nil || h.Typeflag != tar.TypeReg {
		return err
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	_, err = io.CopyN(t, f, h.Size)
	return errors.Join(err, f.Close())
}

// ImageError is an image that has not what it is used for.
type ImageError struct{ what string }

func (e ImageError) Error() string { return e.what }

// checkPresent makes sure that an app that the image is to have is in it.
func (o *Own) checkPresent(ctx context.Context, c *Cluster) error {
	if o.Dir != "" {
		return nil
	}
	out, err := c.Exec(ctx, "test", "-f", o.File)
	if err == nil && out.Code != 0 {
		err = ImageError{fmt.Sprintf("the image %s has no %s: it must have the app there, or the app's folder must be named", o.Image, o.File)}
	}
	return err
}

// buildPM2Command returns how PM2 is told to do something with the app's ecosystem file.
func (o *Own) buildPM2Command(verb string) StreamSpec {
	dir, file := OwnDir, o.File
	if o.Dir == "" {
		dir, file = path.Split(o.File)
	}
	cmd := []string{"pm2", verb, file}
	if o.Env != "" {
		cmd = append(cmd, "--env", o.Env)
	}
	if o.Only != "" {
		cmd = append(cmd, "--only", o.Only)
	}
	return StreamSpec{Cmd: cmd, Dir: dir}
}

// Reload is `pm2 reload FILE` in the folder of an app from outside: its rollout.
func (c *Cluster) Reload(ctx context.Context) (Output, error) {
	return c.docker.runToEnd(ctx, c.id, c.own.buildPM2Command("reload"))
}

// copyModules puts modules that were installed before into the container.
func (c *Cluster) copyModules(ctx context.Context, modules *os.File) error {
	content, err := readFromStart(modules)
	if err != nil {
		return err
	}
	_, err = c.docker.api.CopyToContainer(ctx, c.id, client.CopyToContainerOptions{DestinationPath: OwnDir, Content: content})
	if err != nil {
		return fmt.Errorf("cannot copy the app's modules into the container: %w", err)
	}
	return nil
}

// Ports are the TCP ports on which anything listens in the container, sorted.
func (c *Cluster) Ports(ctx context.Context) ([]int, error) {
	out, err := c.Exec(ctx, "sh", "-c", "cat /proc/net/tcp /proc/net/tcp6 2>/dev/null || true")
	if err != nil {
		return nil, fmt.Errorf("cannot read the container's sockets: %w", err)
	}
	return parseListeningPorts(out.Stdout), nil
}

// parseListeningPorts reads the kernel's tables: the second column is ADDRESS:PORT in
// hexadecimal, the fourth the state, of which 0A is listening.
func parseListeningPorts(table string) []int {
	var ports []int
	for line := range strings.Lines(table) {
		cols := strings.Fields(line)
		if len(cols) < 4 || cols[3] != "0A" {
			continue
		}
		_, hex, _ := strings.Cut(cols[1], ":")
		if n, err := strconv.ParseUint(hex, 16, 16); err == nil && !slices.Contains(ports, int(n)) {
			ports = append(ports, int(n))
		}
	}
	slices.Sort(ports)
	return ports
}

// Versions are what the container's own node and pm2 say of themselves.
func (c *Cluster) Versions(ctx context.Context) (node, pm2 string, err error) {
	for _, v := range []struct {
		cmd  string
		into *string
	}{{"node", &node}, {"pm2", &pm2}} {
		out, err := c.Exec(ctx, v.cmd, "--version")
		if err == nil {
			err = out.Failed()
		}
		if err != nil {
			return "", "", fmt.Errorf("the image has no %s that runs: it needs node and pm2 on its PATH: %w", v.cmd, err)
		}
		lines := strings.Split(strings.TrimSpace(out.Stdout), "\n")
		*v.into = strings.TrimPrefix(lines[len(lines)-1], "v")
	}
	return node, pm2, nil
}
