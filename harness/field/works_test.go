package field

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// listWorks returns all kinds of work, or the one of a name.
func listWorks(only string) []work {
	all := []work{
		{name: "roll", begin: roll, within: 15 * s, starts: 1},
		{name: "surge", begin: roll, within: 22 * s, starts: 1, more: 1, args: []string{"--surge"}},
		{name: "scale", begin: scale, within: 6 * s, starts: 1, more: 1},
		{name: "stall", begin: stall, within: 4 * s, starts: 1},
		{name: "sigstop", begin: suspend, within: 4 * s, starts: 1},
		{name: "port", begin: takePort, lift: func(_ context.Context, v *victim) error { return v.stop("stranger.js") }, within: 14 * s},
		{name: "file", begin: loseFile, lift: giveFile, within: 12 * s},
		{name: "leader", begin: loseLeader, within: 6 * s, starts: 2}, // one that has left is ended where its engine dies, and has no number 0 then
	}
	return slices.DeleteFunc(all, func(w work) bool { return only != "" && w.name != only })
}

func roll(_ context.Context, v *victim) error { return v.ask(`{"request":"roll","app":"site"}`) }

// scale asks for one worker more where there are four, and for one less where there are more.
func scale(_ context.Context, v *victim) error {
	want := 4
	if len(v.want) == 4 {
		want = 5
	}
	v.either = want
	return v.ask(fmt.Sprintf(`{"request":"scale","app":"site","workers":%d}`, want))
}

// stall has one worker spin for ever.
func stall(ctx context.Context, v *victim) error { return Get("/spin?600000").do(ctx, v.arm) }

// suspend stops one worker by SIGSTOP.
func suspend(ctx context.Context, v *victim) error { return Signal(1, syscall.SIGSTOP).do(ctx, v.arm) }

// takePort has a stranger take the port while the app is down. The app is started without waiting
// for what PM2's command says of it.
func takePort(ctx context.Context, v *victim) error {
	if err := v.runPM2(ctx, "stop", "site"); err != nil {
		return err
	}
	if err := v.start("stranger.js", nil); err != nil {
		return err
	}
	go func() { _ = v.runPM2(ctx, "restart", "site") }()
	return nil
}

// loseFile takes away a file that the app reads at its start, and has every worker die.
func loseFile(ctx context.Context, v *victim) error {
	if err := os.Remove(filepath.Join(v.getAppDir(), "page.html")); err != nil {
		return err
	}
	for range len(v.want) {
		if err := Get("/mistake").do(ctx, v.arm); err != nil {
			return err
		}
	}
	return nil
}

func giveFile(_ context.Context, v *victim) error {
	return os.WriteFile(filepath.Join(v.getAppDir(), "page.html"), nil, 0o644)
}

// loseLeader deletes worker number 0, as `pm2 scale` does. Another gets its number.
func loseLeader(ctx context.Context, v *victim) error {
	list, err := v.list(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(w Worker) bool { return w.App == "site" && w.Instance == "0" })
	if i < 0 {
		return fmt.Errorf("cannot find worker number 0 among %d", len(list))
	}
	delete(v.want, list[i].ID)
	return v.runPM2(ctx, "delete", strconv.Itoa(list[i].ID))
}
