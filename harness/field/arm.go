package field

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// arm is one case with the engine or without, on a PM2 daemon of its own.
//
//	prepare -> start PM2 and the app -> up -> engine ready -> schedule -> end
type arm struct {
	c          Case
	tools      Tools
	withEngine bool
	dir        string
	names      Names
	refuse     atomic.Bool // alerts
	env        []string
	client     *http.Client
	servers    map[string]*exec.Cmd
	engine     *process
	alertURL   string

	mu   sync.Mutex
	zero time.Time // of the schedule
	rec  Record
}

func (a *arm) getAppDir() string { return filepath.Join(a.dir, "srv") }
func (a *arm) getHome() string   { return filepath.Join(a.dir, "pm2") }

func (a *arm) fill(text string) string { return a.names.fill(text) }

// buildURL returns the address of a path of the app, as the test asks for it.
func (a *arm) buildURL(path string) string {
	base := a.fill(a.c.getProbeURL())
	path = a.fill(path)
	if path == "" {
		return base
	}
	scheme, rest, _ := strings.Cut(base, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host + path
}

// computeSince returns the time on the schedule's clock; negative before it begins.
func (a *arm) computeSince(t time.Time) time.Duration { return t.Sub(a.zero) }

func (a *arm) note(f func(*Record)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f(&a.rec)
}

func (a *arm) mark(format string, args ...any) {
	at, text := time.Now(), fmt.Sprintf(format, args...)
	a.note(func(r *Record) { r.Marks = append(r.Marks, Said{a.computeSince(at), text}) })
}

// prepare writes the arm's folder.
func (a *arm) prepare() error {
	if err := os.CopyFS(a.getAppDir(), a.tools.Apps(a.c.App)); err != nil {
		return err
	}
	for _, name := range a.c.Files {
		if err := os.WriteFile(filepath.Join(a.getAppDir(), name), nil, 0o644); err != nil {
			return err
		}
	}
	if err := a.writeFile(a.c.PM2, a.c.More...); err != nil {
		return err
	}
	if a.c.Certificate {
		if err := writeCertificate(a.getAppDir()); err != nil {
			return err
		}
	}
	bin := filepath.Dir(a.tools.Node)
	if a.c.OwnNode {
		bin = filepath.Join(a.dir, "bin")
		if err := copyBinary(a.tools.Node, filepath.Join(bin, "node")); err != nil {
			return err
		}
	}
	a.env = []string{
		"PATH=" + bin + ":/usr/local/bin:/usr/bin:/bin", "HOME=" + a.dir, "PM2_HOME=" + a.getHome(), "LANG=C.UTF-8",
		"PORT=" + strconv.Itoa(a.names.Port), "DB_PORT=" + strconv.Itoa(a.names.DB),
	}
	a.servers = map[string]*exec.Cmd{}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if a.c.Socket != "" {
			network, address = "unix", a.fill(a.c.Socket)
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	a.client = &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, DialContext: dial,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the app's own certificate
	}}
	return nil
}

// writeFile writes the ecosystem file.
func (a *arm) writeFile(first string, more ...string) error {
	var apps []string
	for _, properties := range append([]string{first}, more...) {
		apps = append(apps, "{ "+a.fill(properties)+" }")
	}
	file := "module.exports = { apps: [\n" + strings.Join(apps, ",\n") + "\n] };\n"
	return os.WriteFile(filepath.Join(a.getAppDir(), "ecosystem.config.js"), []byte(file), 0o644)
}

func copyBinary(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if os.Link(from, to) == nil {
		return nil
	}
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o755)
}

// findNode returns the binary that PM2's command runs on, and with it its daemon
// (Client.js:236 spawns its own execPath).
func (a *arm) findNode() string {
	own := filepath.Join(a.dir, "bin", "node")
	if _, err := os.Stat(own); err == nil {
		return own
	}
	return a.tools.Node
}

// runPM2 runs PM2's own command.
func (a *arm) runPM2(ctx context.Context, args ...string) error {
	return a.runPM2With(ctx, nil, args...)
}

func (a *arm) runPM2With(ctx context.Context, env []string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, a.findNode(), append([]string{a.tools.PM2}, args...)...)
	cmd.Dir, cmd.Env = a.getAppDir(), append([]string(nil), a.env...)
	for _, e := range env {
		cmd.Env = append(cmd.Env, a.fill(e))
	}
	cmd.WaitDelay = time.Second // the daemon inherits the pipe
	out, err := cmd.CombinedOutput()
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return fmt.Errorf("cannot pm2 %s: %w: %.400s", strings.Join(args, " "), err, out)
	}
	return nil
}

// start runs a script of the app's folder beside the app.
func (a *arm) start(script string, env []string) error {
	cmd := exec.Command(a.tools.Node, script)
	cmd.Dir = a.getAppDir()
	cmd.Env = append(append([]string(nil), a.env...), "PORT="+strconv.Itoa(a.names.DB), "APP_PORT="+strconv.Itoa(a.names.Port))
	for _, e := range env {
		cmd.Env = append(cmd.Env, a.fill(e))
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	a.servers[script] = cmd
	// Each such script prints a line when it serves.
	if _, err := out.Read(make([]byte, 64)); err != nil {
		return fmt.Errorf("cannot start %s: it said nothing: %w", script, err)
	}
	return nil
}

func (a *arm) stop(script string) error {
	cmd := a.servers[script]
	if cmd == nil {
		return fmt.Errorf("cannot stop %s: it does not run", script)
	}
	delete(a.servers, script)
	_ = cmd.Process.Signal(syscall.SIGKILL)
	_ = cmd.Wait()
	return nil
}

// list asks PM2's daemon for its list, as `pm2 jlist` does; it never starts a daemon.
func (a *arm) list(ctx context.Context) ([]Worker, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	client, err := pm2.Dial(ctx, a.getHome())
	if err != nil {
		return nil, err
	}
	defer client.Close()
	all, err := client.List(ctx)
	if err != nil {
		return nil, err
	}
	workers := make([]Worker, len(all))
	for i, p := range all {
		workers[i] = Worker{p.Name, p.Namespace, p.ID, p.PID, string(p.Status), p.Restarts, p.Instance, p.Memory}
	}
	slices.SortFunc(workers, func(a, b Worker) int { return a.ID - b.ID })
	return workers, nil
}
