package pm2

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

func TestState(t *testing.T) {
	created := time.UnixMilli(1)
	for _, tt := range []struct {
		name        string
		status      Status
		pid         int
		created     time.Time
		autorestart bool
		want        State
	}{
		{"running", Online, 7, created, true, Running},
		{"running, never restarted", Online, 7, created, false, Running},
		{"given up, painted online (<= 6.0.14)", Online, 0, time.Time{}, true, GaveUp},
		{"booting", Launching, 7, created, true, Booting},
		{"being stopped", Stopping, 7, created, true, Ending},
		{"being stopped, exit seen", Stopping, 0, created, true, Ending},
		{"crashed, restart at once", Stopped, 7, created, true, Backoff},
		{"stopped", Stopped, 0, created, true, StoppedNow},
		{"stopped after it was given up", Stopped, 0, time.Time{}, true, StoppedNow},
		{"in backoff", Waiting, 7, created, true, Backoff},
		{"given up, delay configured", Waiting, 0, time.Time{}, true, GaveUp},
		{"just being stopped, delay configured", Waiting, 0, created, true, Unclear},
		{"autorestart off, delay configured", Waiting, 0, created, false, StoppedNow},
		{"autorestart off", Stopped, 0, created, false, StoppedNow},
		{"given up", Errored, 0, time.Time{}, true, GaveUp},
		{"would not die", Errored, 7, created, true, GaveUp},
		{"one launch", OneLaunch, 7, created, true, Running},
		{"no status", "", 7, created, true, Unclear},
		{"a status of the app's own", "healthy", 7, created, true, Unclear},
	} {
		p := Process{Status: tt.status, PID: tt.pid, CreatedAt: tt.created, Autorestart: tt.autorestart}
		if got := p.State(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		if p.GaveUp() != (tt.want == GaveUp) {
			t.Errorf("%s: gave up: %v", tt.name, p.GaveUp())
		}
	}
}

// whole is a row as PM2 7.0.4 gives it, shortened.
const whole = `{"pid":4911,"name":"app","pm_id":2,"monit":{"memory":62808064,"cpu":0.3},"pm2_env":{
"name":"app","env":{"SECRET":"hunter2","status":"hidden"},"SECRET":"hunter2","STATUS":"loud","Namespace":"k8s","NAME":"x",
"instances":4,"autorestart":true,"exec_mode":"cluster_mode","pmx":true,"namespace":"default","NODE_APP_INSTANCE":2,
"cron_restart":"*/5 * * * *","kill_timeout":8000,"listen_timeout":1500,"wait_ready":true,"max_restarts":5,"min_uptime":10000,"restart_delay":200,"exp_backoff_restart_delay":100,"pm_exec_path":"/srv/app/server.js","pm_cwd":"/srv/app",
"exec_interpreter":"node","pm_out_log_path":"/l/out","pm_err_log_path":"/l/err","pm_pid_path":"/p/2.pid","status":"online",
"pm_uptime":1795490456586,"axm_monitor":{"Used Heap Size":{"value":"1.5","unit":"MiB"},"HTTP":{"value":0.18,"unit":"req/min"}},"NODE_OPTIONS":"--max-old-space-size=900 --x","node_args":["--trace-warnings","--max_old_space_size=200"],"created_at":1795490456500,"restart_time":5,
"unstable_restarts":1,"node_version":"26.10.0","exit_code":0,"pm_id":2}}`

func TestRow(t *testing.T) {
	p := parseProcess(gjson.Parse(whole))
	want := Process{
		ID: 2, Name: "app", Namespace: "default", PID: 4911, Status: Online, Mode: "cluster", Instance: "2", InstanceVar: "NODE_APP_INSTANCE", Instances: 4,
		Restarts: 5, Unstable: 1, CreatedAt: time.UnixMilli(1795490456500), StartedAt: time.UnixMilli(1795490456586),
		Script: "/srv/app/server.js", Cwd: "/srv/app", Interpreter: "node", NodeVersion: "26.10.0",
		KillTimeout: 8 * time.Second, ListenTimeout: 1500 * time.Millisecond, WaitReady: true, Autorestart: true, Cron: "*/5 * * * *", Pmx: true,
		MaxRestarts: 5, MinUptime: 10 * time.Second, RestartDelay: 200 * time.Millisecond, Backoff: 100 * time.Millisecond,
		Heap: 1536 << 10, HeapLimit: 200 << 20, OutLog: "/l/out", ErrLog: "/l/err", PIDFile: "/p/2.pid", Memory: 62808064, CPU: 0.3, Beat: p.Beat, Code: p.Code, Requests: 0.18,
	}
	if !reflect.DeepEqual(p, want) || p.Beat == 0 {
		t.Errorf("got  %+v\nwant %+v", p, want)
	}
	if s := fmt.Sprintf("%+v", p); strings.Contains(s, "hunter2") || strings.Contains(s, "loud") {
		t.Errorf("the environment got through: %s", s)
	}
}

// TestRowOddities: variables of the app may replace any field, with text.
func TestRowOddities(t *testing.T) {
	for _, tt := range []struct {
		row  string
		want Process
	}{
		{`{}`, Process{ID: -1, Mode: "fork", Autorestart: true, Pmx: true}},
		{`{"pm_id":"_old_3","pm2_env":null}`, Process{ID: -1, Mode: "fork", Autorestart: true, Pmx: true}},
		{`{"pid":null,"pm_id":1,"pm2_env":{"restart_time":"7","instances":"max","autorestart":"false","pmx":"false","cron_restart":0,
			"wait_ready":"yes","created_at":null,"kill_timeout":"9","status":{"x":1},"axm_monitor":{},"NODE_APP_INSTANCE":"w"}}`,
			Process{ID: 1, Mode: "fork", Restarts: 7, WaitReady: true, KillTimeout: 9 * time.Millisecond, Status: `{"x":1}`, Instance: "w"}},
		{`{"pid":[],"pm_id":1.5,"name":5,"pm2_env":{"autorestart":0,"pmx":false,"wait_ready":null,"exec_mode":7}}`,
			Process{ID: 1, Name: "5", Mode: "fork"}},
		{`{"pm_id":1,"pm2_env":{"INSTANCE_ID":3,"NODE_APP_INSTANCE":7,"instance_var":"INSTANCE_ID","autorestart":false,"pmx":false}}`,
			Process{ID: 1, Mode: "fork", Instance: "3", InstanceVar: "INSTANCE_ID"}},
	} {
		if tt.want.InstanceVar == "" {
			tt.want.InstanceVar = "NODE_APP_INSTANCE"
		}
		if got := parseProcess(gjson.Parse(tt.row)); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", tt.row, got, tt.want)
		}
	}
	if all := parseProcesses(gjson.Parse(`[]`)); len(all) != 0 {
		t.Errorf("an empty list has %d rows", len(all))
	}
}

func TestBeat(t *testing.T) {
	beat := func(metrics string) uint64 { return hashMetrics(gjson.Parse(metrics)) }
	if beat(`{}`) != 0 || beat(`null`) != 0 || beat(``) != 0 {
		t.Error("no metrics have a beat")
	}
	if was := beat(`{"a":1}`); was == beat(`{"a":2}`) || was != beat(` {"a":1}`) {
		t.Error("the beat does not follow the metrics")
	}
}

func FuzzProcesses(f *testing.F) {
	f.Add([]byte(`[` + whole + `]`))
	f.Add([]byte(`[{"pm2_env":{"status":[`))
	f.Add([]byte(`[null,1,"x",{"pid":1e400}]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a := parseReply(append([]byte("j:"), b...))
		for _, p := range parseProcesses(a.results) {
			_ = p.State()
		}
		for _, p := range parseProcesses(gjson.ParseBytes(b)) {
			_ = p.State()
		}
	})
}

// BenchmarkList decodes what four workers with forty variables each give.
func BenchmarkList(b *testing.B) {
	row := map[string]any{}
	if err := json.Unmarshal([]byte(whole), &row); err != nil {
		b.Fatal(err)
	}
	env := row["pm2_env"].(map[string]any)
	inner := map[string]any{}
	for i := range 40 {
		key, value := fmt.Sprintf("SOME_VARIABLE_%d", i), strings.Repeat("v", 25)
		env[key], inner[key] = value, value
	}
	env["env"] = inner
	reply, err := json.Marshal(map[string]any{"args": []any{[]any{row, row, row, row}}})
	if err != nil {
		b.Fatal(err)
	}
	arg := append([]byte("j:"), reply...)
	b.ReportAllocs()
	b.SetBytes(int64(len(arg)))
	before, n := cpu(b), 0
	for b.Loop() {
		if list := parseProcesses(parseReply(arg).results.Get("0")); len(list) != 4 {
			b.Fatalf("%d rows", len(list))
		}
		n++
	}
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(n), "cpu-µs/op")
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// TestCode: the fingerprint changes with what Node loads beside the script, and with nothing else.
func TestCode(t *testing.T) {
	code := func(env string) uint64 {
		return parseProcess(gjson.Parse(`{"pid":1,"pm_id":0,"pm2_env":{` + env + `}}`)).Code
	}
	if n := code(`"node_args":[],"args":[],"SECRET":"x","restart_time":3`); n != 0 {
		t.Errorf("nothing is set, and it is %x", n)
	}
	seen := map[uint64]string{}
	for _, env := range []string{
		`"x":1`, `"node_args":["--require","/tmp/x.js"]`, `"args":["--require","/tmp/x.js"]`, `"NODE_OPTIONS":"--require /tmp/x.js"`, `"NODE_PATH":"/tmp"`,
	} {
		n := code(env)
		if was, known := seen[n]; known {
			t.Errorf("%s and %s have the same", was, env)
		}
		seen[n] = env
	}
	if code(`"args":["a"],"NODE_PATH":"b"`) != code(`"NODE_PATH":"b","unstable_restarts":1,"args":["a"]`) {
		t.Error("it changes with the order of the fields")
	}
}
