package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"

	"github.com/pm2drill/pm2drill/fixtures"
)

// Spec is what a cluster is made of. Own, Server and Engine are optional.
type Spec struct {
	Run    string // id of the run; everything that is created carries it
	Images Images
	Apps   *fixtures.Bundle
	App    string // of the bundle, or "" for one from outside
	Layout Layout // where it lies
	Plain  fs.FS  // folders that are put below /srv as they are, instead of an app; nil for none
	Own    *Own   // an app from outside instead, which becomes OwnDir; nil for one of Apps
	Server Server // what the app needs, "" for none
	// Settings are laid over those of the app's ecosystem file, and one that is nil is
	// taken out of it; nil for none.
	Settings map[string]any
	Limits   Limits
	Binary   string // the static Linux pm2drill
	Engine   fs.FS  // the folder of the engine under test; becomes EngineDir; nil for none
	OnPath   bool   // pm2drill is a command in the cluster, for an engine that is it; else it is not in there
	Shared   bool   // PM2's home is a volume, for an engine in a container beside it
}

// Where things are in a cluster's container.
const (
	EngineDir = "/opt/engine"
	PM2Home   = "/home/node/.pm2" // as the image has it
)

// Cluster is a running container with an app that PM2 may start. Not safe for
// use by several goroutines, but for Exec and Stream.
type Cluster struct {
	docker  *Docker
	id      string
	run     string // its id
	own     *Own   // nil for a fixture
	spec    Spec   // of a fixture, the rest of it
	outside string // id of the container of the harness's own processes
	init    int    // pid of the cluster's first process, for those
	server  string // container id, "" without one
	engine  string // container id, "" without one
	kind    Server
	clock   clock
}

// Start creates the containers and copies everything in. PM2 does not run yet.
func (d *Docker) Start(ctx context.Context, spec Spec) (c *Cluster, err error) {
	c = &Cluster{docker: d, run: spec.Run, kind: spec.Server, own: spec.Own, spec: spec}
	defer func() {
		if err != nil {
			tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeWithin)
			defer cancel()
			err = errors.Join(explain(err), c.Close(tidy))
			c = nil
		}
	}()
	if c.id, err = d.run(ctx, spec.Run, spec.chooseImage(), spec.listCustomizers()...); err != nil {
		return c, fmt.Errorf("cannot start the cluster's container: %w", err)
	}
	outside := make(chan error, 1)
	go func() { outside <- c.startOutside(ctx, spec) }()
	err = errors.Join(c.fill(ctx, spec), <-outside)
	return c, err
}

// fill puts into the cluster's container, and beside it, what the app needs.
func (c *Cluster) fill(ctx context.Context, spec Spec) (err error) {
	if spec.Server != "" {
		if c.server, err = c.docker.run(ctx, spec.Run, spec.Images.Servers[spec.Server], shareNetwork(c.id)); err != nil {
			return fmt.Errorf("cannot start the %s server's container: %w", spec.Server, err)
		}
		if err := c.waitForServer(ctx); err != nil {
			return err
		}
	}
	if err := c.copyIn(ctx, spec); err != nil {
		return err
	}
	if err := c.findInit(ctx); err != nil {
		return err
	}
	c.clock, err = c.readClock(ctx)
	return err
}

// shareNetwork has a container share the network namespace of another one, and reap what
// it leaves as orphans.
func shareNetwork(net string) testcontainers.CustomizeRequestOption {
	return testcontainers.WithHostConfigModifier(func(h *container.HostConfig) {
		init := true
		h.Init, h.NetworkMode = &init, container.NetworkMode("container:"+net)
	})
}

// chooseImage returns the image of the cluster's container.
func (s Spec) chooseImage() string {
	if s.Own != nil && s.Own.Image != "" {
		return s.Own.Image
	}
	return s.Images.Node
}

// listCustomizers returns what the cluster's container differs in from its image.
func (s Spec) listCustomizers() []testcontainers.ContainerCustomizer {
	out := []testcontainers.ContainerCustomizer{testcontainers.WithHostConfigModifier(func(h *container.HostConfig) {
		init := true // reaps what PM2 and faults leave as orphans
		h.Init = &init
		s.Limits.apply(h)
		if s.Shared { // it takes over what the image has there, owner and all, and goes with its container
			h.Mounts = append(h.Mounts, mount.Mount{Type: mount.TypeVolume, Target: PM2Home, VolumeOptions: &mount.VolumeOptions{Labels: buildLabels(s.Run)}})
		}
	})}
	if s.Own == nil {
		return out
	}
	out = append(out, testcontainers.WithEnv(s.Own.buildEnv()))
	if s.Own.Image != "" { // whatever it does by itself, PM2 is to be started here
		out = append(out, testcontainers.WithEntrypoint("tail", "-f", "/dev/null"), testcontainers.WithCmd())
	}
	return out
}

// run starts one container, which carries the labels of its run.
func (d *Docker) run(ctx context.Context, runID, image string, more ...testcontainers.ContainerCustomizer) (string, error) {
	var req testcontainers.GenericContainerRequest
	req.Image = image
	for _, custom := range append(more, testcontainers.WithLabels(buildLabels(runID))) {
		if err := custom.Customize(&req); err != nil {
			return "", err
		}
	}
	made, err := d.provider.RunContainer(ctx, req.ContainerRequest)
	if made != nil && err != nil {
		err = errors.Join(err, made.Terminate(context.WithoutCancel(ctx)))
	}
	if err != nil {
		return "", err
	}
	return made.GetContainerID(), nil
}

// Layout is where the fixture lies; of an app from outside the zero Layout.
func (c *Cluster) Layout() Layout { return c.spec.Layout }

// ID is the id of the cluster's container.
func (c *Cluster) ID() string { return c.id }

// Up starts the app as an operator does. PM2 answers with code 0 also when no
// worker came up: who serves is for others to see.
func (c *Cluster) Up(ctx context.Context) error {
	if c.own != nil {
		if err := c.own.checkPresent(ctx, c); err != nil {
			return err
		}
		return c.start(ctx, c.own.buildPM2Command("start"))
	}
	return c.start(ctx, StreamSpec{Cmd: []string{"pm2", "start", c.spec.Layout.Ecosystem()}})
}

// UpOther starts the other app.
func (c *Cluster) UpOther(ctx context.Context) error {
	return c.start(ctx, StreamSpec{Cmd: []string{"pm2", "start", c.spec.Layout.getOtherScript()}})
}

func (c *Cluster) start(ctx context.Context, spec StreamSpec) error {
	out, err := c.docker.runToEnd(ctx, c.id, spec)
	if err == nil {
		err = out.Failed()
	}
	if err != nil {
		return fmt.Errorf("cannot start the app: %w", err)
	}
	return nil
}

// listenWithin is how long an app may take until it listens. PM2 calls a worker
// online as soon as it is forked, and does not wait longer than listen_timeout.
const listenWithin = 60 * time.Second

// Listens waits until somebody accepts connections on the port.
func (c *Cluster) Listens(ctx context.Context, port int) error {
	js := fmt.Sprintf(`const end=Date.now()+%d;(function dial(){const s=require('net').connect(%d,'127.0.0.1',()=>process.exit(0));`+
		`s.on('error',()=>Date.now()<end?setTimeout(dial,50):process.exit(1))})()`, listenWithin.Milliseconds(), port)
	out, err := c.Exec(ctx, "node", "-e", js)
	if err == nil && out.Code != 0 {
		err = fmt.Errorf("nothing listens on port %d within %s", port, listenWithin)
	}
	if err != nil {
		return fmt.Errorf("cannot start the app: %w", err)
	}
	return nil
}

// Close removes the containers. Closing twice is no error.
func (c *Cluster) Close(ctx context.Context) error {
	ids := []string{c.engine, c.server, c.outside, c.id}
	errs := make([]error, len(ids))
	var removals sync.WaitGroup
	for i, id := range ids {
		if id != "" {
			removals.Go(func() { errs[i] = c.docker.remove(ctx, id) })
		}
	}
	removals.Wait()
	return errors.Join(errs...)
}

const removeWithin = 30 * time.Second

// Lost says why there is nothing to drill any more, where the engine does not answer or
// the cluster's container has ended; nil if neither is so.
func (c *Cluster) Lost(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	found, err := c.docker.api.ContainerInspect(ctx, c.id, client.ContainerInspectOptions{})
	switch {
	case errdefs.IsNotFound(err):
		return fmt.Errorf("somebody has removed the cluster's container")
	case err != nil:
		return AwayError{err}
	case !found.Container.State.Running:
		return fmt.Errorf("the cluster's container has ended with exit code %d: the Docker engine was restarted, or somebody has stopped it",
			found.Container.State.ExitCode)
	}
	return nil
}

// AwayError is an engine that does not answer any more.
type AwayError struct{ Err error }

func (e AwayError) Error() string {
	return fmt.Sprintf("the Docker engine does not answer any more, it was stopped or is being restarted: %v", e.Err)
}

// Unwrap returns what came instead of an answer.
func (e AwayError) Unwrap() error { return e.Err }

// answersWithin bounds a question to an engine that may be gone.
const answersWithin = 5 * time.Second

// Labels that everything pm2drill creates carries.
const (
	labelRun   = "pm2drill.run"
	labelOwner = "pm2drill.owner" // of the harness: boot id, pid and start time
)

func buildLabels(run string) map[string]string {
	return map[string]string{labelRun: run, labelOwner: Owner(os.Getpid())}
}

// explain adds what a person can do about an engine's error.
func explain(err error) error {
	switch text := err.Error(); {
	case strings.Contains(text, "no space left on device"):
		return fmt.Errorf("the Docker engine's disk is full: free some (docker system df shows what takes it): %w", err)
	case strings.Contains(text, "No such image"), strings.Contains(text, "pull access denied"):
		return fmt.Errorf("an image is missing: run `make images`: %w", err)
	}
	return err
}
