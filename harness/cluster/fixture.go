package cluster

import (
	"archive/tar"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// other is the other app. It has no port, computes for a moment when it starts, and then has no work.
const other = `const crypto = require("crypto");
const until = performance.now() + 500;
while (performance.now() < until) crypto.createHash("sha256").update("parcel").digest();
setInterval(() => {}, 60000);
`

// addFixture adds the app of the bundle under the names that were drawn, at its first
// release. What lies there is the same for each of them, but for how PM2 is to run it.
func (s Spec) addFixture(t *tar.Writer) error {
	l := s.Layout
	config, err := s.Config(path.Base(l.Ecosystem()))
	if err != nil {
		return err
	}
	texts := map[string]string{
		l.Dir() + "/" + l.Script: string(s.Apps.Script), l.Ecosystem(): config, l.getOtherScript(): other,
		l.Revision(): l.Releases[Current] + "\n", l.Previous(): l.Releases[Current] + "\n",
	}
	if err := addFolders(t, 0o755, append([]string{"/srv"}, l.Folders()...)...); err != nil {
		return err
	}
	if err := t.WriteHeader(&tar.Header{Name: l.Link()[1:], Linkname: l.Folder, Mode: 0o777, Uid: userID, Gid: userID, Typeflag: tar.TypeSymlink}); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if err := addText(t, &tar.Header{Name: name[1:], Mode: 0o644}, texts[name]); err != nil {
			return err
		}
	}
	return nil
}

// Config is an ecosystem file of the fixture as it lies in the container: with the script's
// name, the settings that were given laid over its own, and the journal in its environment.
func (s Spec) Config(name string) (string, error) {
	text, ok := s.Apps.Configs[s.App+"/"+name]
	if !ok {
		return "", fmt.Errorf("cannot lay the app out: %s has no %s", s.App, name)
	}
	values := s.Settings
	if values == nil {
		values = map[string]any{}
	}
	settings, err := json.Marshal(values)
	if err != nil {
		return "", fmt.Errorf("cannot lay the app out: %w", err)
	}
	return strings.ReplaceAll(text, "server.js", s.Layout.Script) + fmt.Sprintf(`const settings = %s;
for (const app of module.exports.apps) {
  Object.assign(app, settings);
  for (const key in settings) if (settings[key] === null) delete app[key];
  app.env = { ...app.env, ACCESS_SOCKET: %q };
}
`, settings, s.Layout.Socket), nil
}

// Deploy puts a release of the fixture in place, as a deployment does: from outside.
func (c *Cluster) Deploy(ctx context.Context, release string) error {
	l := c.spec.Layout
	err := c.Put(ctx, l.Previous(), l.Releases[Current]+"\n")
	if err == nil {
		err = c.replace(ctx, l.Revision(), l.Releases[release]+"\n")
	}
	if err != nil {
		return fmt.Errorf("cannot deploy a release: %w", err)
	}
	return nil
}

// Configure puts another ecosystem file of the fixture in the place of the one it has.
func (c *Cluster) Configure(ctx context.Context, name string) error {
	text, err := c.spec.Config(name)
	if err != nil {
		return err
	}
	return c.replace(ctx, c.spec.Layout.Ecosystem(), text)
}

// replace puts a file in the place of another at once: a worker that starts meanwhile reads
// the one or the other.
func (c *Cluster) replace(ctx context.Context, file, text string) error {
	if err := c.Put(ctx, file+".new", text); err != nil {
		return err
	}
	return c.Move(ctx, file+".new", file)
}
