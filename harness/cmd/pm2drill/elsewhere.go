package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
)

// needLinux has the verbs that need Linux refuse on a host with another kernel, goos. They
// read /proc, hold processes by pidfd, ask netlink for sockets, and share the clock of the
// containers' kernel.
func needLinux(root *cobra.Command, goos string) {
	if goos == "linux" {
		return
	}
	for _, cmd := range root.Commands() {
		remedy := describeElsewhere(cmd.Name())
		if remedy == "" {
			continue
		}
		cmd.RunE = cli.Run(func(_ context.Context, c cli.Call) int {
			return c.Complain("it needs Linux, and this host runs %s: %s", goos, remedy)
		})
	}
}

// describeElsewhere says what to do on a host without Linux to use a verb, "" for a verb
// that works everywhere.
func describeElsewhere(verb string) string {
	switch {
	case slices.Contains([]string{"engine", "capture"}, verb):
		return fmt.Sprintf("run `pm2drill %s` where PM2 runs on Linux, with the binary for linux of the same release", verb)
	case slices.Contains([]string{"run", "gate", "selftest", "reproduce", "matrix", "doctor", "clean"}, verb):
		return fmt.Sprintf("run `pm2drill %s` on a Linux host or virtual machine with Docker, with the binary for linux of the same release", verb)
	}
	return ""
}
