package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
)

// Lacks returns those of the images that this engine lacks, or of which it has another build
// than an engine that has them all. One of another processor architecture must have images of
// its own, whatever build they are.
func (d *Docker) Lacks(ctx context.Context, from *Docker, images []string) (lacks []string, err error) {
	here, err := d.Host(ctx)
	if err != nil {
		return nil, err
	}
	there, err := from.Host(ctx)
	if err != nil {
		return nil, err
	}
	for _, image := range images {
		has, err := d.hasBuild(ctx, from, image, here.Arch != there.Arch)
		switch {
		case err != nil:
			return nil, err
		case !has && here.Arch != there.Arch:
			return nil, fmt.Errorf("cannot bring the image %s to %s: that host is %s, and %s, which has it, is %s: build it there with `make images`", image, d.address, here.Arch, from.address, there.Arch)
		case !has:
			lacks = append(lacks, image)
		}
	}
	return lacks, nil
}

// Load copies images to this engine from another one; no registry takes part. What another
// build was stays, without a name.
func (d *Docker) Load(ctx context.Context, from *Docker, images []string) error {
	if err := d.copyImages(ctx, from, images); err != nil {
		return fmt.Errorf("cannot bring %s from %s to %s: %w", strings.Join(images, ", "), from.address, d.address, err)
	}
	return nil
}

// hasBuild reports whether this engine has the build of an image that the other one has, or
// any build of it.
func (d *Docker) hasBuild(ctx context.Context, from *Docker, image string, any bool) (bool, error) {
	here, err := d.api.ImageInspect(ctx, image)
	if errdefs.IsNotFound(err) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("cannot look for the image %s at %s: %w", image, d.address, err)
	}
	if any {
		return true, nil
	}
	there, err := from.api.ImageInspect(ctx, image)
	if err != nil {
		return false, fmt.Errorf("cannot look for the image %s at %s: %w", image, from.address, err)
	}
	// Ids differ between engines that store images in different ways.
	return here.Created == there.Created && slices.Equal(here.RootFS.Layers, there.RootFS.Layers), nil
}

// copyImages has this engine read what the other one writes.
func (d *Docker) copyImages(ctx context.Context, from *Docker, images []string) error {
	archive, err := from.api.ImageSave(ctx, images)
	if err != nil {
		return err
	}
	defer archive.Close()
	said, err := d.api.ImageLoad(ctx, archive, client.ImageLoadWithQuiet(true))
	if err != nil {
		return explain(err)
	}
	text, err := io.ReadAll(said)
	if err := errors.Join(err, said.Close()); err != nil {
		return err
	}
	for _, image := range images { // an engine that fails amid it answers with a text
		if has, err := d.hasBuild(ctx, from, image, false); err != nil || !has {
			return errors.Join(err, fmt.Errorf("%s is not there afterwards: the engine said %s", image, text))
		}
	}
	return nil
}

// Having returns those of the images that this engine has.
func (d *Docker) Having(ctx context.Context, images ...string) (has []string, err error) {
	for _, image := range images {
		switch _, err := d.api.ImageInspect(ctx, image); {
		case err == nil:
			has = append(has, image)
		case !errdefs.IsNotFound(err):
			return nil, fmt.Errorf("cannot look for the image %s at %s: %w", image, d.address, err)
		}
	}
	return has, nil
}
