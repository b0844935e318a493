package ecosystem

import (
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// started is an app that is started on real PM2, and on the model.
type started struct {
	name     string
	settings string // JSON, without name, env and cwd
	mute     bool   // it runs nothing that reports
}

// starts are the ways in which people start apps. In cwd there are report.js, a copy
// of it called report (a text without extension), a program, shells around it, and
// preload.js, which the daemon's directory has not.
func starts() []started {
	return []started{
		{name: "plain", settings: `"script":"report.js"`},
		{name: "instances", settings: `"script":"report.js","instances":1`},
		{name: "fork", settings: `"script":"report.js","exec_mode":"fork","instances":1`},
		{name: "one-core-less", settings: `"script":"report.js","instances":-1`},
		{name: "two-cores-less", settings: `"script":"report.js","instances":-2`},
		{name: "text", settings: `"script":"report","instances":1`},
		{name: "commonjs", settings: `"script":"report.cjs","instances":1`},
		{name: "program", settings: `"script":"program","instances":1`, mute: true},
		{name: "node", settings: `"script":"node","args":"report.js","instances":1`},
		{name: "bash", settings: `"script":"bash","args":["-c","node report.js"],"instances":1`},
		{name: "bash-list", settings: `"script":"bash","args":["-c","cd . && node report.js"],"instances":1`},
		{name: "bash-more", settings: `"script":"bash","args":["-c","node report.js; true"],"instances":1`},
		{name: "line", settings: `"script":"node report.js","instances":1`},
		{name: "shell", settings: `"script":"run.sh","instances":1`},
		{name: "shell-exec", settings: `"script":"exec.sh","instances":1`},
		{name: "npm", settings: `"script":"npm","args":"start","exec_mode":"fork"`},
		{name: "npm-line", settings: `"script":"npm start","instances":1`},
		{name: "npm-cluster", settings: `"script":"npm","args":"start","instances":1`},
		{name: "words", settings: `"script":"report.js","args":"a 'b c'","instances":1`},
		{name: "words-fork", settings: `"script":"report.js","args":"a 'b c'","exec_mode":"fork"`},
		{name: "node-args", settings: `"script":"report.js","node_args":"--max-old-space-size=333","instances":1`},
		{name: "node-args-fork", settings: `"script":"report.js","node_args":"--max-old-space-size=333","exec_mode":"fork"`},
		{name: "relative", settings: `"script":"report.js","node_args":"-r ./preload.js","exec_mode":"fork"`},
		{name: "relative-cluster", settings: `"script":"report.js","node_args":"-r ./preload.js","instances":1,"autorestart":false`, mute: true},
		{name: "interpreter-node", settings: `"script":"report","interpreter":"node","instances":1`},
		{name: "interpreter-bash", settings: `"script":"run.sh","interpreter":"bash","instances":1`},
		{name: "node-in-path", settings: `"script":"run.sh","interpreter":"./node_modules/shell","instances":1,"autorestart":false`, mute: true},
		{name: "version", settings: `"script":"report.js","interpreter":"node@1.2.3","exec_mode":"cluster"`, mute: true},
		{name: "typescript", settings: `"script":"report.ts","instances":1`, mute: true},
	}
}

// seenByApp is what report.js has written.
type seenByApp struct {
	PID      int      `json:"pid"`
	Argv     []string `json:"argv"`
	ExecArgv []string `json:"execArgv"`
	Cwd      string   `json:"cwd"`
	Heap     int      `json:"heap"`
	Marked   bool     `json:"marked"`
	Loaded   bool     `json:"loaded"`
	Options  string   `json:"options"`
}

// seenByPM2 is a row of pm2 jlist.
type seenByPM2 struct {
	Name string `json:"name"`
	PID  int    `json:"pid"`
	Env  struct {
		Mode        string `json:"exec_mode"`
		Interpreter string `json:"exec_interpreter"`
		Uptime      int    `json:"pm_uptime"`
	} `json:"pm2_env"`
}

// TestDaemonStartAgreesWithPM2 starts apps on real PM2, whose daemon has a directory of
// its own, and compares what PM2 and the apps say of themselves with the model.
func TestDaemonStartAgreesWithPM2(t *testing.T) {
	if os.Getenv("PM2DRILL_DAEMON_TEST") == "" {
		t.Skip("needs PM2: images/in-container.sh ./harness/ecosystem")
	}
	lab := newLab(t)
	target := Target{CPUs: lab.cpus, Node: lab.node, PM2: lab.version, Cwd: lab.dir, OS: map[string]string{}}
	listed := lab.startAll(t)
	for _, x := range starts() {
		t.Run(x.name, func(t *testing.T) {
			ready, rejected := Verify([]Value{lab.value(t, x)}, target)
			if rejected != nil {
				t.Fatal(rejected)
			}
			p := Prepare(ready[0], target, onDisk{})
			rows := listed[x.name]
			_, lacking := exec.LookPath(p.Interpreter)
			stays := p.Refused != "" || lacking != nil && !p.Program() && !strings.Contains(p.Interpreter, "/")
			if (len(rows) == 0) != stays {
				t.Fatalf("PM2 runs %d; the model says it is refused: %q, by %s", len(rows), p.Refused, p.Interpreter)
			}
			if len(rows) == 0 {
				return
			}
			if got, want := rows[0].Env.Mode == "cluster_mode", p.Cluster; got != want || len(rows) != p.Workers {
				t.Errorf("PM2 has %s with %d workers; the model says cluster: %v, %d", rows[0].Env.Mode, len(rows), want, p.Workers)
			}
			if got := path.Base(rows[0].Env.Interpreter); got != path.Base(p.Interpreter) {
				t.Errorf("PM2 has the interpreter %s; the model says %s", got, p.Interpreter)
			}
			if !x.mute {
				lab.compare(t, x.name, rows, p)
			}
		})
	}
	if lab.reported("relative-cluster") {
		t.Error("a relative -r in cluster mode was found, with the daemon elsewhere")
	}
}

// compare holds what the app says of itself to the model.
func (l lab) compare(t *testing.T, name string, rows []seenByPM2, p Prepared) {
	t.Helper()
	var got seenByApp
	l.await(t, name, &got)
	isPM2s := slices.ContainsFunc(rows, func(r seenByPM2) bool { return r.PID == got.PID })
	if isPM2s != (p.Launcher == "") {
		t.Errorf("the server is pid %d and PM2 has %v; the model says launcher %q", got.PID, rows, p.Launcher)
	}
	if got.Options != l.options() || !got.Marked {
		t.Errorf("the app's environment has not come: %+v", got)
	}
	if inEffect := got.Heap < 500; !slices.Contains(p.NodeArgs, "--max-old-space-size=333") && inEffect != p.StartsWithEnv() && p.Launcher == "" {
		t.Errorf("a heap of %d MiB: NODE_OPTIONS had an effect: %v; the model says %v", got.Heap, inEffect, p.StartsWithEnv())
	}
	if got.Cwd != p.Cwd {
		t.Errorf("cwd is %s; the model says %s", got.Cwd, p.Cwd)
	}
	if p.OnNode() && p.Launcher == "" && !slices.Equal(got.ExecArgv, p.NodeArgs) {
		t.Errorf("execArgv is %v; the model says %v", got.ExecArgv, p.NodeArgs)
	}
	if dir, known := p.ArgsDir(); slices.Contains(p.NodeArgs, "./preload.js") && got.Loaded != (known && dir == l.dir) {
		t.Errorf("the preload was found: %v; the model says it is looked for in %q", got.Loaded, dir)
	}
	if strings.HasPrefix(name, "words") && !slices.Equal(got.Argv, []string{"a", "b c"}) {
		t.Errorf("argv is %v", got.Argv)
	}
}
