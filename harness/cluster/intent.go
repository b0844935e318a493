package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pm2drill/pm2drill/harness/host"
)

// Intent is a run's word that it is going to make things, written down before it makes
// any, and who sees to it that none of them is left. Everything names its owner, the
// process of the run, from the moment at which it exists:
//
//	on the Docker engine   labels of the container, network or volume
//	a process here         a variable of its environment, which its children inherit
//	a file here            the name of the folder that it lies in, which is the Intent's
//
// so that what a dead owner has left is known without its help. In the folder stands
// which engine the run uses. The reaper makes it before it says that it watches, and
// removes it last; where the reaper was killed as well, the next run's sweep does.
type Intent struct {
	Binary string // a static Linux pm2drill for the engine's architecture
	owner  string
	reaper *reaper
}

// Intend removes what runs of this machine have left whose process is gone, starts the
// reaper, and has it declare what the run is going to make on this engine.
func (d *Docker) Intend(ctx context.Context, run string) (*Intent, error) {
	i := &Intent{owner: Owner(os.Getpid())}
	if err := d.sweep(ctx); err != nil {
		return nil, err
	}
	here, err := d.binaryHere(ctx, i)
	if err == nil {
		i.reaper, err = startReaper(here, run, i.owner)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folderOf(i.owner)))
	}
	if i.Binary, err = d.binaryThere(ctx, i, here); err != nil {
		return nil, errors.Join(err, i.Close())
	}
	return i, nil
}

// Close lets the reaper do its work and waits for it.
func (i *Intent) Close() error { return i.reaper.close() }

// variable is what a process of a run has in its environment.
const variable = "PM2DRILL_OWNER"

// command is a process of the run's on this host. Its temporary files are the run's.
func (i *Intent) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), variable+"="+i.owner, "TMPDIR="+folderOf(i.owner))
	return cmd
}

// The files of an owner's folder, besides temporary ones.
const (
	fileEngine  = "engine"  // the address of the Docker engine that the run uses
	fileMachine = "machine" // the machine that it runs on, "" for unknown
)

func declare(owner, engine string) error {
	dir := folderOf(owner)
	machine, err := host.Machine()
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, fileEngine), []byte(engine), 0o600)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, fileMachine), []byte(machine), 0o600)
	}
	if err != nil {
		return fmt.Errorf("cannot write down what is going to be made: %w", err)
	}
	return nil
}

// declaredHere reports whether an owner's folder was made on this machine. Several may
// share a home.
func declaredHere(owner string) bool {
	there, err := os.ReadFile(filepath.Join(folderOf(owner), fileMachine))
	here, errHere := host.Machine()
	return err == nil && errHere == nil && here != "" && string(there) == here
}

// folders is where the folders of all runs are: in the user's cache, or for one without
// a home among the temporary files.
func folders() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("pm2drill-%d", os.Getuid()))
	}
	return filepath.Join(dir, "pm2drill", "runs")
}

func folderOf(owner string) string { return filepath.Join(folders(), url.PathEscape(owner)) }

// declared lists the owners that have a folder, and the engine that each uses: "" of one
// that was killed before it had written that, and so before it made anything.
func declared() (map[string]string, error) {
	entries, err := os.ReadDir(folders())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot look what runs have left: %w", err)
	}
	out := map[string]string{}
	for _, e := range entries {
		owner, err := url.PathUnescape(e.Name())
		if err != nil || !e.IsDir() {
			continue // nothing of ours
		}
		engine, err := os.ReadFile(filepath.Join(folders(), e.Name(), fileEngine))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("cannot look what runs have left: %w", err)
		}
		out[owner] = strings.TrimSpace(string(engine))
	}
	return out, nil
}
