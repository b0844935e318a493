// Package capture takes down what a PM2 host looks like in an incident, without
// touching anything, and reads it again elsewhere: PM2's list, what the engine sees
// over a while, logs, configuration, sockets and limits in one archive.
//
//	host --Take--> archive --Open--> Bundle --> what the engine's rules say of it
//
// Values of environment variables and arguments are left out but for a few whose form
// shows that they are no secret (package redact), of the health URL userinfo and query; of
// an ecosystem file the app's settings alone are taken. What is or looks like a secret in a
// text is replaced; the manifest says how often, and what was left out and why.
package capture

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Config is what to take down. Configs and Evaluate are optional.
type Config struct {
	Home string // PM2_HOME
	App  string // PM2's name of the app
	// Namespace is PM2's namespace of the app; "" where only one has an app of that name.
	Namespace string
	URL       string        // its health URL; "" of an app that serves no network
	For       time.Duration // how long the engine looks
	Configs   []string      // ecosystem files; else the one that PM2 has used is found
	Evaluate  Evaluate      // without it no ecosystem file is taken
	Version   string        // of pm2drill
}

// Taken is an archive that nobody has written yet.
type Taken struct {
	Manifest Manifest
	files    map[string][]byte
}

// taker gathers an archive.
type taker struct {
	Taken
	cfg      Config
	veil     *redact.Redactor
	settings []byte // PM2's list, with all values; never written
}

func newTaker(cfg Config) *taker {
	t := &taker{cfg: cfg, veil: new(redact.Redactor), Taken: Taken{files: map[string][]byte{}, Manifest: Manifest{
		Schema: Schema, Taken: time.Now().UTC(), By: cfg.Version, App: cfg.App, Namespace: cfg.Namespace, Cores: countCores(), Kernel: readKernel(), Redacted: true,
	}}}
	t.veil.Keep(cfg.App, cfg.Namespace)
	t.veil.LearnURL(cfg.URL)
	t.veil.LearnHost(cfg.Home, nil) // there may be no daemon that answers
	return t
}

// Take looks for cfg.For. What cannot be read is listed as missing; without a daemon that
// answers the list of processes is. Nothing is written. The error wraps remedy.ErrNoApp
// where the daemon answers and does not have the app; an app that is in several namespaces,
// none of which is named, is an error too.
func Take(ctx context.Context, cfg Config) (*Taken, error) {
	t := newTaker(cfg)
	t.takeURL()
	rows := t.takeProcesses(ctx)
	if err := t.settle(rows); err != nil {
		return nil, err
	}
	began := time.Now()
	if err := t.look(ctx); errors.Is(err, remedy.ErrNoApp) {
		return nil, err
	} else if err != nil {
		t.noteMissing(fileTrace, err) // a daemon that does not answer is what there is to see
	}
	t.Manifest.Watched = time.Since(began)
	// The rest as it stands at the end, like the last of what was seen.
	t.takeDaemon()
	for _, p := range rows {
		if t.Manifest.has(p) {
			t.takeWorker(p)
		}
	}
	t.takeConfigs(ctx, rows)
	t.takeSockets(rows)
	return &t.Taken, nil
}

// settle makes sure that one app is meant.
func (t *taker) settle(rows []pm2.Process) error {
	if spaces := pm2.Namespaces(rows, t.cfg.App); t.cfg.Namespace == "" && len(spaces) > 1 {
		return fmt.Errorf("PM2 has an app %s in each of the namespaces %s: say with --namespace which is meant", t.cfg.App, strings.Join(spaces, ", "))
	}
	return nil
}

// takeURL takes the health URL, without what may be a secret in it.
func (t *taker) takeURL() {
	t.Manifest.URL = redact.URL(t.cfg.URL)
	if t.Manifest.URL != t.cfg.URL {
		t.leave("the health URL's userinfo, query, fragment or token", "they may be secrets")
	}
}

// leave notes what is left out on purpose.
func (t *taker) leave(what, why string) {
	t.Manifest.Left = append(t.Manifest.Left, Left{What: t.veil.Clean(what), Why: t.veil.Clean(why)})
}

// add takes in a text, without its secrets. Of JSON, documents or lines, each text in
// it is looked at by itself.
func (t *taker) add(name string, text []byte) {
	n := 0
	switch path.Ext(name) {
	case ".json", ".jsonl":
		indent := ""
		if path.Ext(name) == ".json" {
			indent = "  "
		}
		var err error
		if text, n, err = t.veil.Document(text, indent); err != nil {
			t.noteMissing(name, err)
			return
		}
	default:
		var clean string
		clean, n = t.veil.Text(string(text))
		text = []byte(clean)
	}
	name = t.veil.Clean(name)
	t.files[name] = text
	t.Manifest.Files = append(t.Manifest.Files, File{Name: name, Bytes: len(text), Redacted: n})
}

func (t *taker) noteMissing(what string, err error) {
	t.Manifest.Missing = append(t.Manifest.Missing, t.veil.Clean(fmt.Sprintf("%s: %v", what, err)))
}

func (t *taker) addJSON(name string, v any) {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.noteMissing(name, err)
		return
	}
	t.add(name, append(text, '\n'))
}

// findPort returns the port of the health URL, 0 where there is none.
func (t *taker) findPort() (int, error) {
	if t.cfg.URL == "" {
		return 0, nil
	}
	return remedy.PortOf(t.cfg.URL)
}

// look has the engine watch, without a hand in anything, and takes what it sees.
func (t *taker) look(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, t.cfg.For)
	defer stop()
	var trace bytes.Buffer
	port, err := t.findPort()
	if err != nil {
		return fmt.Errorf("cannot use the health URL: %w", err)
	}
	silent, stopTalking := io.Pipe()
	defer stopTalking.Close()
	err = remedy.Run(ctx, remedy.Config{
		Home: t.cfg.Home, Apps: []remedy.App{{Name: t.cfg.App, Namespace: t.cfg.Namespace, URL: t.cfg.URL, Port: port}}, DryRun: true, Version: t.cfg.Version,
		Limits: plan.DefaultLimits(), Stdin: silent, Stdout: io.Discard, Trace: &trace,
	})
	if err != nil {
		return err
	}
	last := readLast(trace.Bytes())
	t.add(fileTrace, trace.Bytes())
	t.takeHealth(context.WithoutCancel(ctx), last) // the end of ctx may be the end of the look
	return nil
}

// encodeManifest returns the manifest's file.
func (t *Taken) encodeManifest() ([]byte, error) {
	text, err := json.MarshalIndent(t.Manifest, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("cannot encode the manifest: %w", err)
	}
	return append(text, '\n'), nil
}

// Contents lists every file that Write writes: the manifest first.
func (t *Taken) Contents() ([]File, error) {
	manifest, err := t.encodeManifest()
	if err != nil {
		return nil, err
	}
	return append([]File{{Name: fileManifest, Bytes: len(manifest)}}, t.Manifest.Files...), nil
}

// Write writes the archive to w: the manifest first.
func (t *Taken) Write(w io.Writer) error {
	zip := gzip.NewWriter(w)
	out := tar.NewWriter(zip)
	manifest, err := t.encodeManifest()
	if err != nil {
		return err
	}
	put := func(name string, text []byte) error {
		h := &tar.Header{Name: name, Mode: 0o600, Size: int64(len(text)), ModTime: t.Manifest.Taken, Typeflag: tar.TypeReg}
		if err := out.WriteHeader(h); err != nil {
			return err
		}
		_, err := out.Write(text)
		return err
	}
	err = put(fileManifest, manifest)
	for _, f := range t.Manifest.Files {
		err = errors.Join(err, put(f.Name, t.files[f.Name]))
	}
	if err = errors.Join(err, out.Close(), zip.Close()); err != nil {
		return fmt.Errorf("cannot write the capture: %w", err)
	}
	return nil
}
