package reproduce

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pm2drill/pm2drill/harness/capture"
	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/validate"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy"
	"github.com/pm2drill/pm2drill/scenarios"
)

// showOwnApp shows the captured app itself, in the incident that sc is about where that comes
// from outside. Anything else that fails it is its own, and nothing is done to it.
func showOwnApp(ctx context.Context, c cli.Call, f session.Flags, from Source, b capture.Bundle, there capture.Symptom, sc scenarios.Scenario) int {
	m := b.Manifest
	if m.URL == "" {
		return c.Complain("the capture has no health URL, and so there is nothing to send load to: take one with `pm2drill capture --url`, or leave out --app and --image")
	}
	port, err := remedy.PortOf(m.URL)
	if err != nil {
		return c.Complain("the capture's health URL: %v", err)
	}
	u, err := url.Parse(m.URL)
	if err != nil {
		return c.Complain("the capture's health URL: %v", err)
	}
	ask := from.path
	if ask == "" {
		ask = u.RequestURI()
	}
	if strings.Contains(u.Path, redact.Mark) && from.path == "" {
		return c.Complain("the capture has no whole path to ask the app for, since it may be a secret: give it with --path, such as --path /healthz")
	}
	own, err := newOwnApp(from, b)
	if err == nil {
		err = validate.ReadEnv(from.osEnv, own.Vars)
	}
	if err != nil {
		return c.Complain("%v", err)
	}
	f.Names = []string{m.App}
	arm := evidence.ArmControl
	if !fault.Outside(sc.Fault) {
		sc, arm = scenarios.Scenario{}, evidence.ArmHealthy
	}
	sc.Name, sc.Load = m.App, scenarios.OwnLoad(ask, "", 50)
	sc.App = drill.App{Name: m.App, Own: own, Workers: len(b.Processes), Port: port, Health: ask}
	tw := newSymptomCheck(b, there, m.App, fmt.Sprintf("http://127.0.0.1:%d%s", port, ask))
	return showScenario(ctx, c, f, show{scenario: sc, arm: arm, check: tw, image: from.image})
}

// newOwnApp returns the app as PM2 is to start it: the captured one alone of its file.
func newOwnApp(from Source, b capture.Bundle) (*cluster.Own, error) {
	own := &cluster.Own{Env: from.env, Vars: map[string]string{}, Image: from.image, Only: b.Manifest.App}
	there := b.Configs()
	if from.app == "" {
		if len(there) == 0 {
			return nil, fmt.Errorf("the capture has no ecosystem file that tells how the app in %s is started: name the app's folder with --app", from.image)
		}
		own.File = there[0]
		return own, nil
	}
	info, err := os.Stat(from.app)
	if err != nil {
		return nil, fmt.Errorf("cannot look at the app: %w", err)
	}
	if !info.IsDir() {
		own.Dir, own.File = filepath.Split(filepath.Clean(from.app))
		own.Dir = filepath.Clean(own.Dir)
		return own, nil
	}
	own.Dir = from.app
	own.File, err = findConfig(from.app, there)
	return own, err
}

// findConfig returns the ecosystem file of a folder: the one that the host had, or the only
// one.
func findConfig(dir string, there []string) (string, error) {
	for _, name := range there {
		if info, err := os.Stat(filepath.Join(dir, path.Base(name))); err == nil && info.Mode().IsRegular() {
			return path.Base(name), nil
		}
	}
	found, _, err := validate.FindConfigs(dir, false)
	if err != nil {
		return "", err
	}
	if len(found) > 1 {
		return "", fmt.Errorf("%s has several ecosystem files, and the capture does not tell which it was: name one, such as --app %s", dir, found[0])
	}
	return filepath.Base(found[0]), nil
}

// checkStarted makes sure that PM2 runs the app, with as many workers as on the host, and
// says what is not as it was there.
func (w *symptomCheck) checkStarted(ctx context.Context, c *cluster.Cluster) (notes []string, err error) {
	rows, err := session.ListRows(ctx, c)
	if err != nil {
		return nil, err
	}
	var names []string
	var ids []int
	for _, r := range rows {
		names = append(names, r.Name)
		if r.Name == w.app {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return nil, cli.UsageError(fmt.Sprintf("PM2 has started no app called %s, as the host's is (it runs %s): is it the right ecosystem file?", w.app, listNames(names)))
	}
	if err := w.resize(ctx, c, ids); err != nil {
		return nil, err
	}
	node, pm2, err := c.Versions(ctx)
	if err != nil {
		return nil, cli.UsageError(err.Error())
	}
	if node != w.host.Node || pm2 != w.host.PM2 {
		notes = append(notes, fmt.Sprintf("here are Node %s and PM2 %s, on the host Node %s and PM2 %s", node, pm2, w.host.Node, w.host.PM2))
	}
	return notes, nil
}

// resize has PM2 run as many workers as the host did: instances may be "max", or the
// host was scaled. Those that are too many go by their ids, the highest first, for
// `pm2 scale` takes the first, and with it the one with NODE_APP_INSTANCE 0.
func (w *symptomCheck) resize(ctx context.Context, c *cluster.Cluster, ids []int) error {
	if w.workers == 0 || len(ids) == w.workers {
		return nil
	}
	cmd := []string{"pm2", "scale", w.app, strconv.Itoa(w.workers)}
	if len(ids) > w.workers {
		slices.Sort(ids)
		cmd = []string{"pm2", "delete"}
		for _, id := range ids[w.workers:] {
			cmd = append(cmd, strconv.Itoa(id))
		}
	}
	out, err := c.Exec(ctx, cmd...)
	if err == nil {
		err = out.Failed()
	}
	if err != nil {
		return fmt.Errorf("cannot have %d workers, as the host had, where the file has %d: %w", w.workers, len(ids), err)
	}
	return nil
}

func listNames(names []string) string {
	slices.Sort(names)
	if names = slices.Compact(names); len(names) > 0 {
		return strings.Join(names, ", ")
	}
	return "nothing"
}
