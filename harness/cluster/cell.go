package cluster

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"
)

// Cell is where code runs that nobody trusts. Each run has a container of its own:
//
//	network        none
//	files          the folder at its own path, read-only, and the image's, read-only;
//	               /tmp is memory
//	user           1000, without capabilities
//	limits         CellLimits, by the kernel; time and output, by this process
//
// The folder is copied into a volume once, since the engine may be on another host.
type Cell struct {
	docker *Docker
	spec   CellSpec
	volume string
}

// CellSpec is what a cell is made of.
type CellSpec struct {
	Run    string // id of the run
	Image  string
	Folder string // absolute, without symbolic links
	Limits CellLimits
}

// CellLimits bound one run in a cell.
type CellLimits struct {
	Memory    int64 // bytes; there is no swap
	Processes int64
	Output    int // bytes of stdout and of stderr
	Within    time.Duration
}

// The folder that a cell has is bounded, so that copying it is.
const (
	largestFolder = 512 << 20
	mostFiles     = 100_000
)

// FolderError is a folder that no cell can have.
type FolderError struct{ what string }

func (e FolderError) Error() string { return e.what }

// isHiding reports whether the image would lack files of its own with a volume at the
// folder.
func isHiding(folder string) bool {
	if strings.HasPrefix(folder, "/usr/src/") {
		return false
	}
	top, _, _ := strings.Cut(strings.TrimPrefix(folder, "/"), "/")
	return slices.Contains([]string{"", "usr", "bin", "sbin", "lib", "lib64", "etc", "proc", "sys", "dev"}, top) || slices.Contains([]string{"/opt", "/opt/pm2", "/tmp"}, folder)
}

// NewCell copies the folder. A FolderError says that it cannot be had.
func (d *Docker) NewCell(ctx context.Context, spec CellSpec) (c *Cell, err error) {
	if isHiding(spec.Folder) {
		return nil, FolderError{fmt.Sprintf("the folder %s lies where the image has its own files", spec.Folder)}
	}
	made, err := d.api.VolumeCreate(ctx, client.VolumeCreateOptions{Labels: buildLabels(spec.Run)})
	if err != nil {
		return nil, fmt.Errorf("cannot make a volume: %w", err)
	}
	c = &Cell{docker: d, spec: spec, volume: made.Volume.Name}
	if err := c.fill(ctx); err != nil {
		return nil, errors.Join(err, c.Close(context.WithoutCancel(ctx)))
	}
	return c, nil
}

// Close removes what is left of the cell.
func (c *Cell) Close(ctx context.Context) error {
	if _, err := c.docker.api.VolumeRemove(ctx, c.volume, client.VolumeRemoveOptions{Force: true}); err != nil {
		return fmt.Errorf("cannot remove the folder's copy: %w", err)
	}
	return nil
}

// fill copies the folder into the volume, through a container that never runs.
func (c *Cell) fill(ctx context.Context) error {
	made, err := c.docker.api.ContainerCreate(ctx, client.ContainerCreateOptions{
		Config:     &container.Config{Image: c.spec.Image, Labels: buildLabels(c.spec.Run)},
		HostConfig: &container.HostConfig{NetworkMode: "none", Mounts: c.listMounts(false)},
	})
	if err != nil {
		return explain(fmt.Errorf("cannot make a container: %w", err))
	}
	r, w := io.Pipe()
	var packed sync.WaitGroup
	var wrong error
	packed.Go(func() {
		t := tar.NewWriter(w)
		wrong = addTree(t, c.spec.Folder)
		w.CloseWithError(errors.Join(wrong, t.Close()))
	})
	_, err = c.docker.api.CopyToContainer(ctx, made.ID, client.CopyToContainerOptions{DestinationPath: c.spec.Folder, Content: r})
	_ = r.Close()
	packed.Wait()
	err = errors.Join(err, c.docker.remove(context.WithoutCancel(ctx), made.ID))
	switch {
	case wrong != nil && !errors.Is(wrong, io.ErrClosedPipe):
		return wrong
	case err != nil:
		return fmt.Errorf("cannot copy %s: %w", c.spec.Folder, err)
	}
	return nil
}

// addTree adds a folder's files, as the container's user's.
func addTree(t *tar.Writer, folder string) error {
	size, files := int64(0), 0
	return filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return FolderError{fmt.Sprintf("the folder %s cannot be copied: %v", folder, err)}
		}
		info, err := d.Info()
		if err != nil {
			return nil // it is gone
		}
		files++
		if info.Mode().IsRegular() {
			size += info.Size()
		}
		if size > largestFolder || files > mostFiles {
			return FolderError{fmt.Sprintf("the folder %s has more than %d MiB or %d files", folder, largestFolder>>20, mostFiles)}
		}
		within, err := filepath.Rel(folder, name)
		if err != nil {
			return err
		}
		if err := addFile(t, name, filepath.ToSlash(within), d); errors.Is(err, fs.ErrPermission) {
			return FolderError{fmt.Sprintf("the folder %s cannot be copied: %v", folder, err)}
		} else if err != nil {
			return err
		}
		return nil
	})
}

func (c *Cell) listMounts(readOnly bool) []mount.Mount {
	return []mount.Mount{{Type: mount.TypeVolume, Source: c.volume, Target: c.spec.Folder, ReadOnly: readOnly, VolumeOptions: &mount.VolumeOptions{NoCopy: true}}}
}

// CellEnd is how a run in a cell has ended.
type CellEnd struct {
	Stdout  []byte
	Stderr  string
	Code    int
	Late    bool          // it was ended after Limits.Within
	Flooded bool          // it was ended after Limits.Output
	Starved bool          // the kernel ended a process of it for want of memory
	Spent   time.Duration // processor time, where it was late; 0 if that is not known
}

// Exec runs a command in a container of its own and waits for its end.
func (c *Cell) Exec(ctx context.Context, cmd []string, stdin []byte) (end CellEnd, err error) {
	made, err := c.docker.api.ContainerCreate(ctx, client.ContainerCreateOptions{Config: c.buildConfig(cmd), HostConfig: c.buildConfinement()})
	if err != nil {
		return end, explain(fmt.Errorf("cannot make a container: %w", err))
	}
	defer func() { err = errors.Join(err, c.docker.remove(context.WithoutCancel(ctx), made.ID)) }()
	attached, err := c.docker.api.ContainerAttach(ctx, made.ID, client.ContainerAttachOptions{Stream: true, Stdin: true, Stdout: true, Stderr: true})
	if err != nil {
		return end, fmt.Errorf("cannot attach to the container: %w", err)
	}
	defer attached.Close()
	if _, err := c.docker.api.ContainerStart(ctx, made.ID, client.ContainerStartOptions{}); err != nil {
		return end, fmt.Errorf("cannot start the container: %w", err)
	}
	late, stop := context.WithTimeout(ctx, c.spec.Limits.Within)
	defer stop()
	defer context.AfterFunc(late, attached.Close)()
	go func() { // it may never be read
		_, _ = attached.Conn.Write(stdin)
		_ = attached.CloseWrite()
	}()
	out, stderr := &most{n: c.spec.Limits.Output}, &most{n: c.spec.Limits.Output}
	_, copied := stdcopy.StdCopy(out, stderr, attached.Reader)
	if ctx.Err() != nil {
		return end, fmt.Errorf("cannot wait for the container: %w", ctx.Err())
	}
	end = CellEnd{Stdout: out.Bytes(), Stderr: stderr.String(), Flooded: out.over || stderr.over}
	end.Late = late.Err() != nil && !end.Flooded
	if copied != nil && !end.Late && !end.Flooded {
		return end, fmt.Errorf("cannot read what the container says: %w", copied)
	}
	return end, c.readEnding(ctx, made.ID, &end)
}

// readEnding asks the engine how a container has ended, or what it has spent where it has
// not.
func (c *Cell) readEnding(ctx context.Context, id string, end *CellEnd) error {
	ctx, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	if end.Late {
		end.Spent = c.readSpent(ctx, id)
		return nil
	}
	if end.Flooded {
		return nil
	}
	// The engine closes the stream a moment before it has the exit code.
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		r, err := c.docker.api.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
		if err != nil {
			return fmt.Errorf("cannot learn how the container ended: %w", err)
		}
		if s := r.Container.State; !s.Running {
			end.Code, end.Starved = s.ExitCode, s.OOMKilled
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("cannot learn how the container ended: %w", ctx.Err())
		}
	}
}

// readSpent returns the processor time of a container that runs; 0 if that is not known.
func (c *Cell) readSpent(ctx context.Context, id string) time.Duration {
	r, err := c.docker.api.ContainerStats(ctx, id, client.ContainerStatsOptions{})
	if err != nil {
		return 0
	}
	defer r.Body.Close()
	var stats container.StatsResponse
	if json.NewDecoder(r.Body).Decode(&stats) != nil {
		return 0
	}
	return time.Duration(stats.CPUStats.CPUUsage.TotalUsage)
}

func (c *Cell) buildConfig(cmd []string) *container.Config {
	user := strconv.Itoa(userID) + ":" + strconv.Itoa(userID)
	return &container.Config{
		Image: c.spec.Image, Entrypoint: cmd, Labels: buildLabels(c.spec.Run), User: user, WorkingDir: c.spec.Folder,
		OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true, NetworkDisabled: true,
	}
}

func (c *Cell) buildConfinement() *container.HostConfig {
	l := c.spec.Limits
	h := &container.HostConfig{
		NetworkMode: "none", ReadonlyRootfs: true, CapDrop: []string{"ALL"}, SecurityOpt: []string{"no-new-privileges"}, Mounts: c.listMounts(true), ShmSize: 1 << 20,
		Tmpfs:     map[string]string{"/tmp": "size=16m,mode=1777,noexec,nosuid"},
		LogConfig: container.LogConfig{Type: "none"}, // what it prints must not fill a disk
		Resources: container.Resources{Memory: l.Memory, MemorySwap: l.Memory, PidsLimit: &l.Processes, NanoCPUs: 1e9,
			Ulimits: []*container.Ulimit{{Name: "core"}, {Name: "nofile", Soft: 1024, Hard: 1024}}},
	}
	if dir := path.Dir(c.spec.Folder); dir == "/srv" || strings.HasPrefix(dir, "/srv/") {
		h.Tmpfs["/srv"] = "size=1m,mode=0755" // the modules that our image has there are not the project's
	}
	return h
}

// most keeps so much of what is written to it, and fails after that.
type most struct {
	bytes.Buffer
	n    int
	over bool
}

func (m *most) Write(p []byte) (int, error) {
	if len(p) > m.n-m.Len() {
		m.over = true
		return 0, io.ErrShortWrite
	}
	return m.Buffer.Write(p)
}
