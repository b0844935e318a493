package cluster

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// EnsureImage makes sure that the engine has the image, and pulls it if it has not.
func (d *Docker) EnsureImage(ctx context.Context, image string) error {
	_, err := d.api.ImageInspect(ctx, image)
	if err == nil || !errdefs.IsNotFound(err) {
		return err
	}
	pull, err := d.api.ImagePull(ctx, image, client.ImagePullOptions{})
	if err == nil {
		_, err = io.Copy(io.Discard, pull)
		pull.Close()
	}
	if err != nil {
		return fmt.Errorf("there is no image %s here, and it cannot be pulled: build it, or name another: %w", image, err)
	}
	return nil
}

// Beside starts a container of an image in the cluster's pid and network
// namespaces, with its PM2_HOME at the same path, as the same user. It needs a
// Cluster whose Spec was Shared. Without a command the image's own is run. It goes
// with the cluster.
func (c *Cluster) Beside(ctx context.Context, image string, spec StreamSpec) (*Stream, error) {
	made, err := c.docker.api.ContainerCreate(ctx, client.ContainerCreateOptions{
		Config: &container.Config{
			Image: image, Cmd: spec.Cmd, Env: append(spec.listEnv(), "PM2_HOME="+PM2Home), Labels: buildLabels(c.run), User: strconv.Itoa(userID) + ":" + strconv.Itoa(userID),
			OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true,
		},
		HostConfig: &container.HostConfig{
			NetworkMode: container.NetworkMode("container:" + c.id), PidMode: container.PidMode("container:" + c.id),
			VolumesFrom: []string{c.id},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("cannot make a container of %s: %w", image, err)
	}
	c.engine = made.ID
	attached, err := c.docker.api.ContainerAttach(ctx, made.ID, client.ContainerAttachOptions{Stream: true, Stdin: true, Stdout: true, Stderr: true})
	if err != nil {
		return nil, fmt.Errorf("cannot attach to the container of %s: %w", image, err)
	}
	s := newStream(image, attached.HijackedResponse)
	s.code = func(ctx context.Context) (int, bool, error) {
		r, err := c.docker.api.ContainerInspect(ctx, made.ID, client.ContainerInspectOptions{})
		if err != nil {
			return 0, false, err
		}
		return r.Container.State.ExitCode, r.Container.State.Running, nil
	}
	s.pid = func(ctx context.Context) (int, error) {
		r, err := c.docker.api.ContainerInspect(ctx, made.ID, client.ContainerInspectOptions{})
		if err != nil {
			return 0, err
		}
		return r.Container.State.Pid, nil
	}
	go s.read()
	if _, err := c.docker.api.ContainerStart(ctx, made.ID, client.ContainerStartOptions{}); err != nil {
		return nil, fmt.Errorf("cannot start the container of %s: %w", image, err)
	}
	return s, nil
}
