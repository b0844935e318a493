package cluster

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/moby/moby/client"
)

// Server is a database server that an app needs: a real one, in a container of
// its own that shares the cluster's network.
type Server string

// The servers, at 127.0.0.1:6379 and 127.0.0.1:5432 for the app.
const (
	Redis    Server = "redis"
	Postgres Server = "postgres" // user and database "app", any password
)

// Port is where the app finds it, on 127.0.0.1.
func (s Server) Port() int {
	if s == Postgres {
		return 5432
	}
	return 6379
}

// formatCheck returns a command that succeeds once the server takes requests.
func (s Server) formatCheck() string {
	if s == Postgres {
		return "pg_isready -q"
	}
	return `[ "$(redis-cli ping 2>&1)" = PONG ]`
}

// serverWithin bounds a server's start.
const serverWithin = 20 * time.Second

// StopServer stops the app's server, as a crash or a maintenance window does.
func (c *Cluster) StopServer(ctx context.Context) error {
	now := 0
	if _, err := c.docker.api.ContainerStop(ctx, c.server, client.ContainerStopOptions{Timeout: &now}); err != nil {
		return fmt.Errorf("cannot stop the %s server: %w", c.kind, err)
	}
	return nil
}

// StartServer starts it again and waits until it answers.
func (c *Cluster) StartServer(ctx context.Context) error {
	if _, err := c.docker.api.ContainerStart(ctx, c.server, client.ContainerStartOptions{}); err != nil {
		return fmt.Errorf("cannot start the %s server: %w", c.kind, err)
	}
	return c.waitForServer(ctx)
}

func (c *Cluster) waitForServer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, serverWithin)
	defer cancel()
	out, err := c.docker.exec(ctx, c.server, "sh", "-c", "until "+c.kind.formatCheck()+"; do sleep 0.02; done")
	if err == nil {
		err = out.Failed()
	}
	if err != nil {
		return fmt.Errorf("cannot see the %s server answer within %s: %w", c.kind, serverWithin, err)
	}
	return nil
}

// The table where an app's scheduled job leaves a row for each run, and the
// query that tells of the rows it has not told of yet. The rows stay.
const (
	makeRuns = `create table runs (id bigserial primary key, at bigint not null, tick bigint not null,
pid int not null, worker text not null, told boolean not null default false)`
	newRuns = `update runs set told = true where not told
returning json_build_object('at', at, 'tick', tick, 'pid', pid, 'worker', worker) \watch 0.2`
)

// MakeRuns makes the table, which must be there before the app is.
func (c *Cluster) MakeRuns(ctx context.Context) error {
	out, err := c.docker.exec(ctx, c.server, "psql", "-qAtX", "-c", makeRuns)
	if err == nil {
		err = out.Failed()
	}
	if err != nil {
		return fmt.Errorf("cannot make the table of the job's runs: %w", err)
	}
	return nil
}

// FollowRuns tells of the table's rows as they come, one JSON object a line. It
// ends when its stdin does.
func (c *Cluster) FollowRuns(ctx context.Context) (*Stream, error) {
	return c.docker.startStream(ctx, c.server, StreamSpec{Cmd: []string{"sh", "-c",
		`printf '%s\n' "$1" >/tmp/runs.sql; psql -qAtX -f /tmp/runs.sql & cat >/dev/null; kill $!`, "sh",
		strings.ReplaceAll(newRuns, "\n", " ")}})
}
