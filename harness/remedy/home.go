package remedy

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// HomeOf returns PM2's directory, as the environment has it; "" if nothing tells.
func HomeOf(env func(string) string) string {
	home := env(engine.EnvHome)
	if home == "" && env("HOME") != "" {
		home = filepath.Join(env("HOME"), ".pm2")
	}
	return home
}

// CheckHome says why PM2_HOME cannot be used, before anything is written there, and what to
// do about it.
func CheckHome(home string) error {
	if st, err := os.Stat(home); err != nil || !st.IsDir() {
		return fmt.Errorf("%s is not a directory: is PM2 installed, and did this user ever start it?", home)
	}
	if err := CheckOwner(home); err != nil {
		return err
	}
	switch _, err := pm2.DaemonPID(home); {
	case errors.Is(err, host.ErrForeign):
		return fmt.Errorf("cannot use PM2's directory %s: %w", home, err)
	case err != nil && !hasRun(home):
		return fmt.Errorf("no PM2 daemon has run in %s: start the app first", home)
	}
	return nil
}

// hasRun reports whether a daemon has run in PM2's directory that has ended: pm2 kill removes
// pm2.pid (Daemon.js:283), and nothing of PM2's removes pm2.log.
func hasRun(home string) bool {
	st, err := os.Lstat(filepath.Join(home, "pm2.log"))
	return err == nil && st.Mode().IsRegular()
}

// CheckOwner says why PM2_HOME must not be trusted. A home of another user is refused, also
// to the superuser: whoever owns it decides which processes PM2 is said to have and where
// its files lead to, and would act with this process's rights.
func CheckOwner(home string) error {
	var st unix.Stat_t
	if err := unix.Stat(home, &st); err != nil {
		return fmt.Errorf("cannot see whose %s is: %w", home, err)
	}
	if uid := int(st.Uid); uid != os.Geteuid() && uid != 0 {
		owner := findUserName(uid)
		return fmt.Errorf("%s belongs to %s, and this process runs as %s: run it as the user that runs PM2: sudo -u %s pm2drill COMMAND",
			home, owner, findUserName(os.Geteuid()), owner)
	}
	folder, err := host.OpenFolder(home)
	if err != nil {
		return err
	}
	return folder.Close()
}

// findUserName returns a user's name, or its number where it has none.
func findUserName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return "#" + strconv.Itoa(uid)
}

// findHomeName returns PM2's directory where it must be named to the commands that people
// run, "" where it is their default. A person's shell need not have the engine's
// PM2_HOME.
func (x *Command) findHomeName(home string) string {
	if h := x.env("HOME"); h != "" && home == filepath.Join(h, ".pm2") {
		return ""
	}
	return home
}
