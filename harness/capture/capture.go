// Package capture takes down what a PM2 host looks like in an incident, without
// touching anything, and reads it again elsewhere: PM2's list, what the engine sees
// over a while, logs, configuration, sockets and limits in one archive.
//
//	host --Take--> archive --Open--> Bundle --> what the engine's rules say of it
//
// Values of environment variables are left out but for a few that name no secret, and
// what looks like a secret in a text is replaced; the manifest says how often.
package capture

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy"
)

// Schema names the form of an archive.
const Schema = "pm2drill/capture/1"

// Config is what to take down. Configs and Secrets are optional.
type Config struct {
	Home    string        // PM2_HOME
	App     string        // PM2's name of the app
	URL     string        // its health URL
	For     time.Duration // how long the engine looks
	Configs []string      // ecosystem files; those beside the app are found
	Secrets bool          // leave secrets in
	Version string        // of pm2drill
}

// Manifest says what an archive holds.
type Manifest struct {
	Schema string    `json:"schema"`
	Taken  time.Time `json:"taken"`
	By     string    `json:"by"` // version of pm2drill
	App    string    `json:"app"`
	URL    string    `json:"url"`
	PM2    string    `json:"pm2"`
	Node   string    `json:"node"` // of the app's workers, "" if none has said
	Kernel string    `json:"kernel"`
	Cores  int       `json:"cores"`
	// Watched is how long the engine has looked, in nanoseconds; 0 of an older archive.
	Watched  time.Duration `json:"watched"`
	Files    []File        `json:"files"`
	Missing  []string      `json:"missing,omitempty"` // what could not be read, and why
	Redacted bool          `json:"redacted"`
}

// File is one file of an archive.
type File struct {
	Name     string `json:"name"`
	Bytes    int    `json:"bytes"`
	Redacted int    `json:"redacted"` // secrets that were taken out
}

// Names of an archive's files.
const (
	fileManifest  = "manifest.json"
	fileProcesses = "processes.json"
	fileTrace     = "trace.jsonl"
	fileDump      = "dump.json"
	filePM2Log    = "pm2.log"
	fileSockets   = "sockets.json"
	dirLogs       = "logs"
	dirLimits     = "limits"
	dirConfig     = "config"
)

// tail is how much of a log's end is taken, in bytes.
const tail = 64 << 10

// taker gathers an archive.
type taker struct {
	cfg      Config
	manifest Manifest
	files    map[string][]byte
}

// Take looks for cfg.For and writes the archive to w. What cannot be read is listed as
// missing; without a daemon that answers the list of processes is.
func Take(ctx context.Context, cfg Config, w io.Writer) (Manifest, error) {
	t := &taker{cfg: cfg, files: map[string][]byte{}, manifest: Manifest{
		Schema: Schema, Taken: time.Now().UTC(), By: cfg.Version, App: cfg.App, URL: cfg.URL, Cores: cores(), Kernel: kernel(), Redacted: !cfg.Secrets,
	}}
	rows := t.processes(ctx)
	began := time.Now()
	if err := t.look(ctx); err != nil {
		t.missing(fileTrace, err) // a daemon that does not answer is what there is to see
	}
	t.manifest.Watched = time.Since(began)
	// The rest as it stands at the end, like the last of what was seen.
	t.daemon()
	for _, p := range rows {
		if p.Name == cfg.App {
			t.worker(p)
		}
	}
	t.configs(rows)
	t.sockets(rows)
	return t.manifest, t.write(w)
}

// add takes in a text, without its secrets. Of JSON, documents or lines, each text in
// it is looked at by itself.
func (t *taker) add(name string, text []byte) {
	n := 0
	if !t.cfg.Secrets {
		var err error
		if text, n, err = cleaned(name, text); err != nil {
			t.missing(name, err)
			return
		}
	}
	t.files[name] = text
	t.manifest.Files = append(t.manifest.Files, File{Name: name, Bytes: len(text), Redacted: n})
}

func (t *taker) missing(what string, err error) {
	t.manifest.Missing = append(t.manifest.Missing, fmt.Sprintf("%s: %v", what, err))
}

// processes takes PM2's list, which has no values of variables in it.
func (t *taker) processes(ctx context.Context) []pm2.Process {
	client, err := pm2.Dial(ctx, t.cfg.Home)
	if err != nil {
		t.missing(fileProcesses, err)
		return nil
	}
	defer client.Close()
	rows, err := client.List(ctx)
	if err == nil {
		t.manifest.PM2, err = client.Version(ctx)
	}
	if err != nil {
		t.missing(fileProcesses, err)
		return rows
	}
	for _, p := range rows {
		if p.Name == t.cfg.App && p.NodeVersion != "" {
			t.manifest.Node = p.NodeVersion
		}
	}
	t.addJSON(fileProcesses, rows)
	return rows
}

func (t *taker) addJSON(name string, v any) {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.missing(name, err)
		return
	}
	t.add(name, append(text, '\n'))
}

// daemon takes what belongs to PM2's daemon: its log, its dump and its limits.
func (t *taker) daemon() {
	t.logTail(filePM2Log, filepath.Join(t.cfg.Home, "pm2.log"))
	if raw, err := os.ReadFile(filepath.Join(t.cfg.Home, "dump.pm2")); err != nil {
		t.missing(fileDump, err)
	} else if text, err := withoutValues(raw); err != nil {
		t.missing(fileDump, err)
	} else {
		t.add(fileDump, text)
	}
	if pid, err := pm2.DaemonPID(t.cfg.Home); err != nil {
		t.missing("limits of the daemon", err)
	} else {
		t.limits(pid)
	}
}

// worker takes a worker's logs and limits.
func (t *taker) worker(p pm2.Process) {
	t.logTail(path.Join(dirLogs, fmt.Sprintf("%d-out.log", p.ID)), p.OutLog)
	t.logTail(path.Join(dirLogs, fmt.Sprintf("%d-err.log", p.ID)), p.ErrLog)
	if p.PID > 0 && host.Alive(p.PID) {
		t.limits(p.PID)
	}
}

func (t *taker) limits(pid int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		t.missing(fmt.Sprintf("limits of %d", pid), err)
		return
	}
	t.add(path.Join(dirLimits, strconv.Itoa(pid)+".txt"), text)
}

// logTail takes the end of a log, from the beginning of a line.
func (t *taker) logTail(as, name string) {
	f, err := os.Open(name)
	if err != nil {
		t.missing(as, err)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.missing(as, err)
		return
	}
	from := max(0, info.Size()-tail)
	text, err := io.ReadAll(io.NewSectionReader(f, from, tail))
	if err != nil {
		t.missing(as, err)
		return
	}
	if _, after, ok := bytes.Cut(text, []byte("\n")); ok && from > 0 {
		text = after
	}
	t.add(as, text)
}

// configs takes the ecosystem files: those named, and those beside the app.
func (t *taker) configs(rows []pm2.Process) {
	names := slices.Clone(t.cfg.Configs)
	for _, p := range rows {
		if p.Name != t.cfg.App {
			continue
		}
		for _, dir := range []string{p.Cwd, filepath.Dir(p.Script), filepath.Dir(filepath.Dir(p.Script))} {
			found, err := filepath.Glob(filepath.Join(dir, "ecosystem*.*"))
			if err == nil {
				names = append(names, found...)
			}
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.missing(name, err)
			continue
		}
		t.add(path.Join(dirConfig, strings.ReplaceAll(strings.TrimPrefix(name, "/"), "/", "~")), text)
	}
}

// sockets takes who listens on the app's port.
func (t *taker) sockets(rows []pm2.Process) {
	port, err := remedy.PortOf(t.cfg.URL)
	if err != nil {
		t.missing(fileSockets, err)
		return
	}
	var likely []int
	for _, p := range rows {
		likely = append(likely, p.PID)
	}
	found, err := host.Listeners(port, likely...)
	if err != nil {
		t.missing(fileSockets, err)
		return
	}
	t.addJSON(fileSockets, found)
}

// look has the engine watch, without a hand in anything, and takes what it sees.
func (t *taker) look(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, t.cfg.For)
	defer stop()
	var trace bytes.Buffer
	port, err := remedy.PortOf(t.cfg.URL)
	if err != nil {
		return fmt.Errorf("cannot use the health URL: %w", err)
	}
	silent, stopTalking := io.Pipe()
	defer stopTalking.Close()
	err = remedy.Run(ctx, remedy.Config{
		Home: t.cfg.Home, App: t.cfg.App, URL: t.cfg.URL, Port: port, DryRun: true, Version: t.cfg.Version,
		Limits: remedy.DefaultLimits(), Stdin: silent, Stdout: io.Discard, Trace: &trace,
	})
	if err != nil {
		return fmt.Errorf("cannot look at the app: %w", err)
	}
	t.add(fileTrace, trace.Bytes())
	return nil
}

// write writes the archive: the manifest first.
func (t *taker) write(w io.Writer) error {
	zip := gzip.NewWriter(w)
	out := tar.NewWriter(zip)
	manifest, err := json.MarshalIndent(t.manifest, "", "  ")
	if err != nil {
		return fmt.Errorf("cannot write the capture: %w", err)
	}
	put := func(name string, text []byte) error {
		h := &tar.Header{Name: name, Mode: 0o600, Size: int64(len(text)), ModTime: t.manifest.Taken, Typeflag: tar.TypeReg}
		if err := out.WriteHeader(h); err != nil {
			return err
		}
		_, err := out.Write(text)
		return err
	}
	err = put(fileManifest, append(manifest, '\n'))
	for _, f := range t.manifest.Files {
		err = errors.Join(err, put(f.Name, t.files[f.Name]))
	}
	if err = errors.Join(err, out.Close(), zip.Close()); err != nil {
		return fmt.Errorf("cannot write the capture: %w", err)
	}
	return nil
}

func cores() int {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return 0
	}
	return bytes.Count(text, []byte("\nprocessor")) + 1
}

func kernel() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Release[:])
}
