package rehearse

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
	"github.com/pm2drill/pm2drill/harness/load"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// servesWithin is how long an app may take until it listens.
const servesWithin = 60 * time.Second

// startFirst starts the app once, and learns from PM2 what runs and from the kernel where
// it listens. Modules are installed before, once for all acts. failure is why nobody
// serves, with PM2's and the app's words; "" if somebody does.
func (st *rehearsalRun) startFirst(ctx context.Context) (failure string, err error) {
	if st.rehearsal.npmCI {
		st.Session.Progress.Say("npm ci")
		if st.own.Modules, err = st.Session.Intent.InstallModules(ctx, st.own.Dir); err != nil {
			return "", cli.UsageError(err.Error())
		}
	}
	st.Session.Progress.Say("first start")
	c, err := st.Session.Bench.Docker.Start(ctx, cluster.Spec{
		Run: st.Session.Bench.Run, Images: st.Session.Bench.Images, Apps: st.Session.Bench.Apps, Own: &st.own, Binary: st.Session.Bench.Binary,
	})
	if err != nil {
		return "", err
	}
	defer func() {
		tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), servesWithin)
		defer cancel()
		err = errors.Join(err, c.Close(tidy))
	}()
	images := &st.Session.Bench.Images
	if images.NodeVersion, images.PM2Version, err = c.Versions(ctx); err != nil {
		return "", cli.UsageError(err.Error())
	}
	if err := c.Up(ctx); err != nil {
		return blameApp(ctx, err.Error()) // PM2's own words
	}
	return st.awaitServing(ctx, c)
}

// blameApp returns what a start has failed of, which is the app's affair unless somebody has
// interrupted it.
func blameApp(ctx context.Context, said string) (failure string, err error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	return said, nil
}

// awaitServing waits until the app serves, and finds its name, its workers and its port.
func (st *rehearsalRun) awaitServing(ctx context.Context, c *cluster.Cluster) (failure string, err error) {
	whole := ctx
	ctx, cancel := context.WithTimeout(whole, servesWithin)
	defer cancel()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		ports, err := c.Ports(ctx)
		if err == nil && len(ports) > 0 && (st.rehearsal.port == 0 || slices.Contains(ports, st.rehearsal.port)) {
			return "", st.chooseApp(ctx, c, ports)
		}
		if err == nil && len(ports) == 0 && hasGivenUp(ctx, c) {
			return st.describeSilence(c, "nothing listens, and PM2 has given up"), nil
		}
		select {
		case <-ctx.Done():
			if whole.Err() != nil {
				return blameApp(whole, "")
			}
			return st.describeSilence(c, fmt.Sprintf("nothing listens after %s", servesWithin)), nil
		case <-tick.C:
		}
	}
}

// hasGivenUp reports whether PM2 will not start any process again.
func hasGivenUp(ctx context.Context, c *cluster.Cluster) bool {
	rows, err := session.ListRows(ctx, c)
	return err == nil && len(rows) > 0 && !slices.ContainsFunc(rows, func(r session.Row) bool {
		return r.Env.Status != pm2.Errored && r.Env.Status != pm2.Stopped
	})
}

// describeSilence tells that nobody serves, with what PM2 and the app said last.
func (st *rehearsalRun) describeSilence(c *cluster.Cluster, what string) string {
	words := readLogs(c)
	if strings.Contains(words, "Cannot find module") && !st.rehearsal.npmCI {
		words = "a module is missing: --npm-ci installs what package-lock.json names\n" + words
	}
	return what + "\n" + words
}

// chooseApp finds who plays: the app, and its port.
func (st *rehearsalRun) chooseApp(ctx context.Context, c *cluster.Cluster, ports []int) error {
	rows, err := session.ListRows(ctx, c)
	if err != nil {
		return err
	}
	var names []string
	for _, r := range rows {
		if !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
	}
	name := st.rehearsal.app
	switch {
	case name == "" && len(names) == 1:
		name = names[0]
	case !slices.Contains(names, name):
		return cli.UsageError(fmt.Sprintf("PM2 runs %s: say with --app which of them serves", strings.Join(names, ", ")))
	}
	port := st.rehearsal.port
	if port == 0 {
		if len(ports) > 1 {
			return cli.UsageError(fmt.Sprintf("the app listens on the ports %s: say with --port on which it serves", joinInts(ports)))
		}
		port = ports[0]
	}
	if err := checkAnswers(ctx, c, port, st.rehearsal.lanes()); err != nil {
		return err
	}
	st.app.Name, st.app.Port, st.app.Own = name, port, &st.own
	for _, r := range rows {
		if r.Name == name {
			st.app.Workers++
			st.cluster = r.Env.Mode == "cluster_mode"
		}
	}
	return nil
}

// askScript sends one request of Node's own, and prints the status of its answer.
const askScript = `const { port, path, method, headers, body } = JSON.parse(process.argv[1]);
const request = require('http').request({ host: '127.0.0.1', port, path, method, headers }, (r) => { console.log(r.statusCode); r.destroy(); });
request.on('upgrade', (r, socket) => { console.log(r.statusCode); socket.destroy(); });
request.on('error', (e) => console.log(e.code || e.message));
request.end(body);`

// checkAnswers makes sure that what the load will ask for is there: all answers but 2xx
// count as drops.
func checkAnswers(ctx context.Context, c *cluster.Cluster, port int, lanes []load.Lane) error {
	for i, l := range lanes {
		method := cmp.Or(l.Method, http.MethodGet)
		if slices.ContainsFunc(lanes[:i], func(m load.Lane) bool { return m.Path == l.Path && m.Method == l.Method }) {
			continue
		}
		spec, err := json.Marshal(map[string]any{"port": port, "path": l.Path, "method": method, "headers": headersOf(l), "body": l.Body})
		if err != nil {
			return fmt.Errorf("cannot write the request: %w", err)
		}
		out, err := c.Exec(ctx, "node", "-e", askScript, string(spec))
		if err != nil {
			return fmt.Errorf("cannot ask the app for %s: %w", l.Path, err)
		}
		if said := strings.TrimSpace(out.Stdout); len(said) != 3 || said[0] != '2' && !(l.Kind == load.WebSockets && said == "101") {
			return cli.UsageError(fmt.Sprintf("%s %s is answered with %s: name with --path, --long-path and --events-path what is answered with 2xx, with --websocket-path a WebSocket, and with --method, --header and --body what they need", method, l.Path, cmp.Or(said, "nothing")))
		}
	}
	return nil
}

// headersOf are the headers by which the lane's protocol is asked for, and its own.
func headersOf(l load.Lane) map[string]string {
	out := map[string]string{}
	switch l.Kind {
	case load.Events:
		out["Accept"] = "text/event-stream"
	case load.WebSockets:
		// The key is any 16 bytes in base64 (RFC 6455, 4.1).
		maps.Copy(out, map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "cG0yZHJpbGwgYXNrcy4uLg=="})
	}
	maps.Copy(out, l.Headers)
	return out
}

// readLogs returns what PM2 and the app say when nobody serves.
func readLogs(c *cluster.Cluster) string {
	ctx, cancel := context.WithTimeout(context.Background(), servesWithin)
	defer cancel()
	out, err := c.Exec(ctx, "sh", "-c", lastWordsOf)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(out.Stdout)
}

// lastWordsOf prints PM2's list and the ends of the logs. The calls of Node and of packages
// are left out: a stack of them pushes the error out of the end.
const lastWordsOf = `pm2 ls --no-color
for log in "$PM2_HOME"/logs/*error*.log "$PM2_HOME/pm2.log"; do
  tail -c 65536 "$log" | grep -vE '^ +at .*(node:|/node_modules/)' | tail -n 15
done`

func joinInts(all []int) string {
	words := make([]string, len(all))
	for i, n := range all {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ", ")
}
