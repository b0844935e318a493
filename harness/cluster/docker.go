// Package cluster runs PM2 with an app in a container, and what belongs to it: a
// database server, the files, the processes that run beside PM2. It is the only
// package that knows Docker, and it assumes nothing of where the engine runs:
// files are copied in and out, processes are exec'd, no port is published.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

// ErrUnreachable: no Docker engine answers.
var ErrUnreachable = errors.New("no Docker engine answers")

// Docker is a connection to an engine.
type Docker struct {
	api *client.Client
}

// Connect finds the engine that the environment names (DOCKER_HOST, or the
// default socket) and asks it for a sign of life. The error wraps
// ErrUnreachable and says which address was tried.
func Connect(ctx context.Context) (*Docker, error) {
	// testcontainers' own reaper is an image from a registry, which may be out of
	// reach, and it cannot see a harness that dies: ours does its work.
	if err := os.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true"); err != nil {
		return nil, fmt.Errorf("cannot set up testcontainers: %w", err)
	}
	log.SetDefault(log.NewNoopLogger())
	api, err := client.New(client.FromEnv)
	if err != nil {
		return nil, fmt.Errorf("cannot set up the Docker client: %w", err)
	}
	if _, err := api.Ping(ctx, client.PingOptions{}); err != nil {
		return nil, fmt.Errorf("cannot reach Docker at %s: %w: run `make docker`, or point DOCKER_HOST at one (%s)",
			api.DaemonHost(), ErrUnreachable, firstLine(err))
	}
	// testcontainers looks for an engine in ways of its own. What it starts on
	// another one than ours would never be removed.
	other, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot set up testcontainers: %w", err)
	}
	defer other.Close()
	if ours, theirs := api.DaemonHost(), other.DaemonHost(); ours != theirs {
		return nil, fmt.Errorf("cannot use Docker at %s: testcontainers would use %s: set DOCKER_HOST=%s, or take tc.host out of ~/.testcontainers.properties",
			ours, theirs, theirs)
	}
	return &Docker{api: api}, nil
}

// Close ends the connection.
func (d *Docker) Close() error { return d.api.Close() }

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// Host says what the engine runs on.
type Host struct {
	Cores  int
	Kernel string
	Docker string // the engine's version
	Arch   string // amd64 or arm64, as Go names it
}

// Host asks the engine what it runs on.
func (d *Docker) Host(ctx context.Context) (Host, error) {
	r, err := d.api.Info(ctx, client.InfoOptions{})
	if err != nil {
		return Host{}, fmt.Errorf("cannot ask Docker about its host: %w", err)
	}
	arch := map[string]string{"x86_64": "amd64", "aarch64": "arm64"}[r.Info.Architecture]
	if arch == "" {
		arch = r.Info.Architecture
	}
	return Host{Cores: r.Info.NCPU, Kernel: r.Info.KernelVersion, Docker: r.Info.ServerVersion, Arch: arch}, nil
}

// provider hands testcontainers' noise to nobody.
func quiet() testcontainers.CustomizeRequestOption {
	return func(req *testcontainers.GenericContainerRequest) error {
		req.Logger = log.NewNoopLogger()
		return nil
	}
}
