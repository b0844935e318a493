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
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy"
)

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

func (t *taker) addJSON(name string, v any) {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.missing(name, err)
		return
	}
	t.add(name, append(text, '\n'))
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
