package capture

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Bundle is an archive that was read.
type Bundle struct {
	Manifest  Manifest
	Processes []pm2.Process // the app's
	Files     map[string][]byte
}

// most bounds an archive that is read, in bytes: it is somebody else's file.
const most = 256 << 20

// Open reads an archive.
func Open(name string) (Bundle, error) {
	f, err := os.Open(name)
	if err != nil {
		return Bundle{}, fmt.Errorf("cannot read the capture: %w", err)
	}
	defer f.Close()
	b, err := Read(f)
	if err != nil {
		return b, fmt.Errorf("cannot read the capture %s: %w", name, err)
	}
	return b, nil
}

// Read reads an archive from r.
func Read(r io.Reader) (Bundle, error) {
	b := Bundle{Files: map[string][]byte{}}
	return b, b.read(r)
}

func (b *Bundle) read(r io.Reader) error {
	zip, err := gzip.NewReader(r)
	if err != nil {
		return fmt.Errorf("it is no archive of `pm2drill capture`: %w", err)
	}
	left := &io.LimitedReader{R: zip, N: most}
	for in := tar.NewReader(left); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if b.Files[h.Name], err = io.ReadAll(in); err != nil {
			return err
		}
	}
	if err := json.Unmarshal(b.Files[fileManifest], &b.Manifest); err != nil {
		return fmt.Errorf("its manifest cannot be read: %w", err)
	}
	if b.Manifest.Schema != Schema {
		return fmt.Errorf("it is of the schema %q, and this version reads %q", b.Manifest.Schema, Schema)
	}
	return b.readProcesses()
}

// Configs are the paths of the ecosystem files that were taken, as the host had them.
func (b Bundle) Configs() []string {
	var out []string
	for name := range b.Files {
		if path.Dir(name) == dirConfig {
			out = append(out, "/"+strings.ReplaceAll(strings.TrimSuffix(path.Base(name), reduced), "~", "/"))
		}
	}
	slices.Sort(out)
	return out
}

func (b *Bundle) readProcesses() error {
	text, ok := b.Files[fileProcesses]
	if !ok {
		return nil // no daemon has answered
	}
	var all []pm2.Process
	if err := json.Unmarshal(text, &all); err != nil {
		return fmt.Errorf("its list of processes cannot be read: %w", err)
	}
	for _, p := range all {
		if b.Manifest.has(p) {
			b.Processes = append(b.Processes, p)
		}
	}
	return nil
}

// Review is what the engine's rules, as this version has them, say of what was seen.
// A host whose daemon did not answer has nothing else to tell.
func (b Bundle) Review() (remedy.Reviewed, error) {
	if _, ok := b.Files[fileTrace]; !ok {
		return remedy.Reviewed{Found: []diagnose.Diagnosis{{
			Cause: engine.DaemonDead, Subject: "daemon", Evidence: []engine.Fact{{Source: "capture", Text: strings.Join(b.Manifest.Missing, "; ")}},
		}}}, nil
	}
	return remedy.Review(bytes.NewReader(b.Files[fileTrace]), plan.DefaultLimits())
}
