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
	"slices"
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
// which engines the run uses. The reaper makes it before it says that it watches, strikes
// out each engine on which nothing is left, and removes the folder with the last one; where
// the reaper was killed as well, the next run's sweep does.
type Intent struct {
	Binaries []string // for each engine, a static Linux pm2drill for its architecture
	owner    string
	engines  []string // their addresses
	reaper   *reaper
}

// Intend removes what runs of this machine have left whose process is gone, starts the
// reaper, and has it declare what the run is going to make on these engines.
func Intend(ctx context.Context, run string, engines ...*Docker) (*Intent, error) {
	i := &Intent{owner: Owner(os.Getpid())}
	for _, d := range engines {
		i.engines = append(i.engines, d.address)
		if err := d.sweep(ctx); err != nil {
			return nil, err
		}
	}
	here, err := i.binaryHere(ctx)
	if err == nil {
		i.reaper, err = startReaper(here, run, i.owner, i.engines)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(findFolder(i.owner)))
	}
	for _, d := range engines {
		there, err := d.findBinaryThere(ctx, i, here)
		if err != nil {
			return nil, errors.Join(err, i.Close())
		}
		i.Binaries = append(i.Binaries, there)
	}
	return i, nil
}

// Close lets the reaper do its work and waits for it.
func (i *Intent) Close() error { return i.reaper.close() }

// variable is what a process of a run has in its environment.
const variable = "PM2DRILL_OWNER"

// newCommand returns a process of the run's on this host. Its temporary files are the
// run's.
func (i *Intent) newCommand(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), variable+"="+i.owner, "TMPDIR="+findFolder(i.owner))
	return cmd
}

// The files of an owner's folder, besides temporary ones.
const (
	fileEngines = "engine"  // the addresses of the Docker engines that the run uses, one a line
	fileMachine = "machine" // the machine that it runs on, "" for unknown
	fileLeft    = "left"    // what the reaper could not remove, in words
)

// declare writes down the engines on which an owner is going to make things.
func declare(owner string, engines ...string) error {
	dir := findFolder(owner)
	machine, err := host.Machine()
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = writeEngines(owner, engines)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, fileMachine), []byte(machine), 0o600)
	}
	if err != nil {
		return fmt.Errorf("cannot write down what is going to be made: %w", err)
	}
	return nil
}

// writeEngines replaces the list of an owner's engines. One that is killed meanwhile leaves
// the old list or the new one.
func writeEngines(owner string, engines []string) error {
	file := filepath.Join(findFolder(owner), fileEngines)
	if err := os.WriteFile(file+".new", []byte(strings.Join(engines, "\n")), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// strike takes an engine on which nothing of an owner is left off its list, and removes the
// folder with the last one.
func strike(owner, engine string) error {
	all, err := listDeclared()
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(all[owner], func(other string) bool { return other == engine })
	if len(left) == 0 {
		return os.RemoveAll(findFolder(owner))
	}
	return writeEngines(owner, left)
}

// isDeclaredHere reports whether an owner's folder was made on this machine. Several may
// share a home.
func isDeclaredHere(owner string) bool {
	there, err := os.ReadFile(filepath.Join(findFolder(owner), fileMachine))
	here, errHere := host.Machine()
	return err == nil && errHere == nil && here != "" && string(there) == here
}

// findFolders returns where the folders of all runs are: in the user's cache, or for one
// without a home among the temporary files.
func findFolders() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("pm2drill-%d", os.Getuid()))
	}
	return filepath.Join(dir, "pm2drill", "runs")
}

func findFolder(owner string) string { return filepath.Join(findFolders(), url.PathEscape(owner)) }

// listDeclared returns the owners that have a folder, and the engine that each uses: ""
// for one that was killed before it had written that, and so before it made anything.
func listDeclared() (map[string][]string, error) {
	entries, err := os.ReadDir(findFolders())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot look what runs have left: %w", err)
	}
	out := map[string][]string{}
	for _, e := range entries {
		owner, err := url.PathUnescape(e.Name())
		if err != nil || !e.IsDir() {
			continue // nothing of ours
		}
		engines, err := os.ReadFile(filepath.Join(findFolders(), e.Name(), fileEngines))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("cannot look what runs have left: %w", err)
		}
		out[owner] = strings.FieldsFunc(string(engines), func(r rune) bool { return r == '\n' })
	}
	return out, nil
}
