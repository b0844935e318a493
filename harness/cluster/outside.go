package cluster

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

// agent is where pm2drill lies in the container outside.
const agent = "/opt/agent/agent"

// startOutside starts the container in which the harness's own processes run: the load
// generator, the observer, what injects faults.
//
//	                 network namespace   pid namespace        user
//	cluster          its own             its own              1000
//	outside          the cluster's       the Docker host's    0
//
// From there the cluster is at 127.0.0.1, its processes can be seen and signalled, and its
// files are below /proc/PID/root. A process of the cluster sees nothing of it but sockets.
// The capabilities are those that reading other users' /proc/PID and signalling need. It
// runs the cluster's image, which is there already, and takes from it only a shell.
func (c *Cluster) startOutside(ctx context.Context, spec Spec) (err error) {
	binary, err := os.Open(spec.Binary)
	if err != nil {
		return fmt.Errorf("cannot start the container outside: %w", err)
	}
	defer binary.Close()
	c.outside, err = c.docker.run(ctx, spec.Run, spec.chooseImage(),
		testcontainers.WithEntrypoint("tail", "-f", "/dev/null"), testcontainers.WithCmd(),
		testcontainers.WithConfigModifier(func(config *container.Config) { config.User = "0:0" }),
		testcontainers.WithFiles(testcontainers.ContainerFile{Reader: binary, ContainerFilePath: agent, FileMode: 0o755}),
		testcontainers.WithHostConfigModifier(func(h *container.HostConfig) {
			h.NetworkMode = container.NetworkMode("container:" + c.id)
			h.PidMode, h.UsernsMode = "host", "host" // the one is refused without the other where users are mapped
			h.CapDrop, h.CapAdd = []string{"ALL"}, []string{"KILL", "SYS_PTRACE", "DAC_OVERRIDE"}
		}))
	if err != nil {
		return fmt.Errorf("cannot start the container outside: %w", err)
	}
	return nil
}

// findInit asks the engine for the pid of the cluster's first process, as the container
// outside sees it.
func (c *Cluster) findInit(ctx context.Context) error {
	found, err := c.docker.api.ContainerInspect(ctx, c.id, client.ContainerInspectOptions{})
	if err != nil {
		return fmt.Errorf("cannot find the cluster's processes: %w", err)
	}
	c.init = found.Container.State.Pid
	return nil
}

// Init is the pid of the cluster's first process in the pid namespace of the Docker host,
// which agents have. Files of the cluster are below /proc/INIT/root for them.
func (c *Cluster) Init() int { return c.init }

// Agent starts `pm2drill agent` outside the cluster, where no process of the cluster can
// see or touch it, as root. It must end when its stdin does.
func (c *Cluster) Agent(ctx context.Context, args ...string) (*Stream, error) {
	return c.docker.startStream(ctx, c.outside, StreamSpec{Cmd: buildAgentCommand(args)})
}

// Begun is the line by which an agent says that it has begun to carry out an order.
const Begun = "begun\n"

// Order has an agent carry out an order, which it reads as JSON, and waits until it has.
func (c *Cluster) Order(ctx context.Context, agent string, order any) error {
	return c.runOrder(ctx, agent, order, true)
}

// OrderBehind has an agent carry out an order and returns once it has begun. It goes on
// until it has done, or until the cluster is removed.
func (c *Cluster) OrderBehind(ctx context.Context, agent string, order any) error {
	return c.runOrder(ctx, agent, order, false)
}

func (c *Cluster) runOrder(ctx context.Context, agent string, order any, whole bool) error {
	text, err := json.Marshal(order)
	if err != nil {
		return fmt.Errorf("cannot write the order: %w", err)
	}
	s, err := c.Agent(ctx, agent, string(text))
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { s.attached.Close() })
	defer stop()
	out := bufio.NewReader(s.Stdout)
	if line, err := out.ReadString('\n'); err == nil && line == Begun && !whole {
		return nil
	}
	if _, err := io.Copy(io.Discard, out); err != nil {
		return fmt.Errorf("cannot wait for the order: %w", err)
	}
	code, err := s.Wait(ctx)
	if err != nil {
		return err
	}
	return Output{Code: code, Stderr: s.Stderr()}.Failed()
}

func buildAgentCommand(args []string) []string { return append([]string{agent, "agent"}, args...) }
