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

	"github.com/docker/cli/cli/connhelper"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

// ErrUnreachable: no Docker engine answers.
var ErrUnreachable = errors.New("no Docker engine answers")

// Docker is a connection to an engine.
type Docker struct {
	api      *client.Client
	address  string                         // as DOCKER_HOST has it
	provider *testcontainers.DockerProvider // creates containers there
}

// Connect connects to the engine that the environment names (DOCKER_HOST, or the
// default socket).
func Connect(ctx context.Context) (*Docker, error) { return ConnectTo(ctx, "") }

// ConnectTo connects to the engine of an address as DOCKER_HOST has it, unix://, tcp:// or
// ssh://, or to that of the environment for "", and asks it for a sign of life. Certificates
// for tcp:// are those of the environment (DOCKER_TLS_VERIFY, DOCKER_CERT_PATH). The error
// wraps ErrUnreachable and says which address was tried.
func ConnectTo(ctx context.Context, address string) (*Docker, error) {
	remedy := "start it, or leave that host out"
	if address == "" {
		remedy, address = "run `make docker`, or point DOCKER_HOST at one", chooseText(os.Getenv(client.EnvOverrideHost), client.DefaultDockerHost)
	}
	opts := []client.Opt{client.WithAPIVersionFromEnv(), client.WithHost(address)}
	switch scheme, _, _ := strings.Cut(address, ":"); scheme {
	case "ssh":
		through, err := connhelper.GetConnectionHelper(address)
		if err != nil {
			return nil, fmt.Errorf("cannot use the Docker host %s: %w", address, err)
		}
		opts = []client.Opt{client.WithAPIVersionFromEnv(), client.WithHost(through.Host), client.WithDialContext(through.Dialer)}
	case "tcp":
		opts = append([]client.Opt{client.WithTLSClientConfigFromEnv()}, opts...)
	}
	return reach(ctx, address, remedy, opts...)
}

// reach asks an engine for a sign of life.
func reach(ctx context.Context, address, remedy string, opts ...client.Opt) (*Docker, error) {
	api, err := client.New(opts...)
	if err != nil {
		return nil, fmt.Errorf("cannot set up the Docker client: %w", err)
	}
	d := &Docker{api: api, address: address}
	if _, err := api.Ping(ctx, client.PingOptions{}); err != nil {
		return nil, fmt.Errorf("cannot reach Docker at %s: %w: %s (%s)", d.address, ErrUnreachable, remedy, cutFirstLine(err))
	}
	if d.provider, err = provide(ctx, api); err != nil {
		return nil, fmt.Errorf("cannot set up testcontainers: %w", err)
	}
	return d, nil
}

// Address is where the engine is, as DOCKER_HOST has it.
func (d *Docker) Address() string { return d.address }

// Answers asks the engine for a sign of life; the error says that there is none within a few
// seconds.
func (d *Docker) Answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	if _, err := d.api.Ping(ctx, client.PingOptions{}); err != nil {
		return fmt.Errorf("%w at %s (%s)", ErrUnreachable, d.address, cutFirstLine(err))
	}
	return nil
}

// Close ends the connection.
func (d *Docker) Close() error { return d.api.Close() }

func cutFirstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// Host says what the engine runs on.
type Host struct {
	Cores  int
	Kernel string
	Docker string // the engine's version
	Arch   string // amd64 or arm64, as Go names it
	ID     string // no two engines have the same; older ones have one id for all on a machine
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
	return Host{Cores: r.Info.NCPU, Kernel: r.Info.KernelVersion, Docker: r.Info.ServerVersion, Arch: arch, ID: r.Info.ID + " " + r.Info.Name + " " + r.Info.DockerRootDir}, nil
}
