package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/capture"
	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/injector"
	"github.com/pm2drill/pm2drill/harness/load"
	"github.com/pm2drill/pm2drill/harness/observer"
	"github.com/pm2drill/pm2drill/harness/remedy"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// newAgent returns the hidden `pm2drill agent`, by which the harness starts processes of its
// own: the observer, the load generator and the injector outside a cluster, the capture inside
// it, and the reaper beside the harness; also the evaluator of an ecosystem file, and the guard
// that ends a worker's replacement when the reference engine has died during it. Those that keep
// running end with their stdin, except the injector, which ends with its order.
func newAgent() *cobra.Command {
	return &cobra.Command{
		Use: "agent NAME", Short: "what the harness starts for itself", Hidden: true,
		DisableFlagParsing: true, // each agent has its own
		RunE:               cli.Run(runAgent),
	}
}

func runAgent(ctx context.Context, c cli.Call) int {
	if len(c.Args) == 0 {
		fmt.Fprintln(c.Stderr, "pm2drill agent: name one of observe, load, inject, capture, reap, evaluate, guard")
		return cli.ExitUsage
	}
	name := c.Args[0]
	c.Name = "agent " + name
	c.Args = c.Args[1:]
	var err error
	switch name {
	case "observe":
		err = observe(ctx, c)
	case "load":
		err = load.Agent(ctx, c.Stdin, c.Stdout)
	case "capture":
		err = captureHere(ctx, c)
	case injector.Name:
		err = inject(ctx, c)
	case "reap":
		err = reap(ctx, c)
	case remedy.GuardAgent:
		err = drain.StandGuard(ctx, c.Args, c.Stdin)
	case "evaluate":
		err = sandbox.Child(c.Stdin, c.Stdout)
	default:
		fmt.Fprintf(c.Stderr, "pm2drill agent: there is no agent %q\n", name)
		return cli.ExitUsage
	}
	if err != nil {
		return c.Fail(err)
	}
	return cli.ExitKept
}

func observe(ctx context.Context, c cli.Call) error {
	fs := flag.NewFlagSet("agent observe", flag.ContinueOnError)
	app := fs.String("app", "", "PM2's name of the app")
	port := fs.Int("port", 0, "the app's port")
	alert := fs.String("alert", "", "address of the alert sink")
	journal := fs.String("journal", "", "socket of the app's journal")
	home := fs.String("home", "", "PM2_HOME, inside the cluster")
	init := fs.Int("init", 0, "pid of the cluster's first process")
	var cfg observer.Config
	fs.Func("files", "a folder of the app's files (may be given several times)", func(dir string) error {
		cfg.Files = append(cfg.Files, dir)
		return nil
	})
	fs.Func("releases", "what workers are told to run, as JSON", func(text string) error {
		return json.Unmarshal([]byte(text), &cfg.Releases)
	})
	if err := fs.Parse(c.Args); err != nil {
		return err
	}
	space, err := host.Inside(*init)
	if err != nil {
		return err
	}
	cfg.Space, cfg.Home = space, *home
	cfg.App, cfg.Port, cfg.AlertAddr, cfg.Journal = *app, *port, *alert, *journal
	return observer.Agent(ctx, cfg, c.Stdin, c.Stdout)
}

// inject carries out the order that its argument is.
func inject(ctx context.Context, c cli.Call) error {
	if len(c.Args) != 1 {
		return fmt.Errorf("cannot inject: give one order")
	}
	return injector.Agent(ctx, c.Args[0], func() { fmt.Fprint(c.Stdout, cluster.Begun) })
}

// captureHere looks until its stdin ends, and writes the archive to stdout.
func captureHere(ctx context.Context, c cli.Call) error {
	fs := flag.NewFlagSet("agent capture", flag.ContinueOnError)
	cfg := capture.Config{Home: remedy.HomeOf(os.Getenv), For: longestCapture, Version: cli.Version()}
	fs.StringVar(&cfg.App, "app", "", "PM2's name of the app")
	fs.StringVar(&cfg.URL, "url", "", "health URL of the app")
	if err := fs.Parse(c.Args); err != nil {
		return err
	}
	if err := remedy.CheckOwner(cfg.Home); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer stop()
		_, _ = io.Copy(io.Discard, c.Stdin) // its end, however it comes, is what is waited for
	}()
	taken, err := capture.Take(ctx, cfg)
	if err != nil {
		return err
	}
	return taken.Write(c.Stdout)
}

// reap must outlive the harness, and so takes no part in its interrupts, and goes on when
// nobody reads what it says. It keeps no file of whoever has called the harness, such as a
// lock, nor their folder.
func reap(ctx context.Context, c cli.Call) error {
	signal.Ignore(syscall.SIGPIPE)
	if err := host.DropInherited(); err != nil {
		return err
	}
	fs := flag.NewFlagSet("agent reap", flag.ContinueOnError)
	var r cluster.Reaper
	fs.StringVar(&r.Run, "run", "", "id of the run to clean up after")
	fs.StringVar(&r.Owner, "owner", "", "its process")
	fs.DurationVar(&r.Patience, "patience", cluster.Patience, "how long an engine is waited for")
	var engines []string
	fs.Func("engine", "a Docker engine of the run (may be given several times; default: that of the environment)", func(address string) error {
		engines = append(engines, address)
		return nil
	})
	if err := fs.Parse(c.Args); err != nil {
		return err
	}
	if len(engines) == 0 {
		engines = []string{""}
	}
	for _, address := range engines {
		docker, err := cluster.ConnectTo(ctx, address)
		if err != nil {
			return err
		}
		r.Engines = append(r.Engines, docker)
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	return r.Reap(ctx, c.Stdin, c.Stdout)
}
