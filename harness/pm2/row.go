package pm2

import (
	"cmp"
	"hash/fnv"
	"hash/maphash"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// parseProcesses reads the list that getMonitorData returns. Only the fields that are
// wanted are decoded, in one pass, and everything is taken as it comes: an app's variable
// that is called like one of PM2's fields replaces it (God.js:177), so any of them may be
// of any type, and one odd app must not hide the others. It ends at the first row beyond
// maxRows.
func parseProcesses(list gjson.Result) []Process {
	var all []Process
	list.ForEach(func(_, row gjson.Result) bool {
		all = append(all, parseProcess(row))
		return len(all) <= maxRows
	})
	return all
}

// maxRows is the most processes of one daemon. Each has a process of its own, so the
// kernel allows a user hardly more (RLIMIT_NPROC, pid_max 32768).
const maxRows = 32768

func parseProcess(row gjson.Result) Process {
	p := Process{ID: -1, Mode: "fork", Autorestart: true, Pmx: true, InstanceVar: findInstanceVar(row.Get("pm2_env"))}
	row.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "pid":
			p.PID = int(value.Int())
		case "pm_id":
			p.ID = parseID(value)
		case "name":
			p.Name = copyText(value)
		case "monit":
			p.Memory, p.CPU = value.Get("memory").Int(), value.Get("cpu").Float()
		case "pm2_env":
			var named settings
			value.ForEach(func(key, value gjson.Result) bool {
				named.take(key.Str, value)
				p.readFiles(key.Str, value)
				p.readConfigured(key.Str, value)
				p.readPace(key.Str, value)
				p.readHistory(key.Str, value)
				return true
			})
			p.Servers = named.listAll()
		}
		return true
	})
	return p
}

// findInstanceVar returns the variable by which an app's workers know their numbers
// (God.js, injectVariables).
func findInstanceVar(env gjson.Result) string {
	if name := env.Get("instance_var"); name.Type == gjson.String && name.Str != "" {
		return name.Str
	}
	return "NODE_APP_INSTANCE"
}

// readConfigured takes in a field that comes from the app's configuration.
func (p *Process) readConfigured(key string, value gjson.Result) {
	switch key {
	case "namespace":
		p.Namespace = copyText(value)
	case "exec_mode":
		if value.Str == "cluster_mode" {
			p.Mode = "cluster"
		}
	case p.InstanceVar:
		p.Instance = copyText(value)
	case "instances":
		p.Instances = int(value.Int())
	case "pm_exec_path":
		p.Script = copyText(value)
	case "pm_cwd":
		p.Cwd = copyText(value)
	case "exec_interpreter":
		p.Interpreter = copyText(value)
	case "pmx":
		p.Pmx = !isOff(value)
	case "pm_out_log_path":
		p.OutLog = copyText(value)
	case "pm_err_log_path":
		p.ErrLog = copyText(value)
	case "disable_logs":
		p.LogsOff = value.Bool()
	case "pm_pid_path":
		p.PIDFile = copyText(value)
	}
}

// readPace takes in a field that says how the process is to start, to end and to be
// started again.
func (p *Process) readPace(key string, value gjson.Result) {
	switch key {
	case "kill_timeout":
		p.KillTimeout = parseMillis(value)
	case "listen_timeout":
		p.ListenTimeout = parseMillis(value)
	case "wait_ready":
		p.WaitReady = !isOff(value)
	case "autorestart":
		p.Autorestart = !isOff(value)
	case "cron_restart":
		if p.Cron = copyText(value); p.Cron == "0" { // as PM2 has it (Worker.js:39)
			p.Cron = ""
		}
	case "watch":
		p.Watch = !isOff(value)
	case "max_restarts":
		p.MaxRestarts = int(value.Int())
	case "min_uptime":
		p.MinUptime = parseMillis(value)
	case "restart_delay":
		p.RestartDelay = parseMillis(value)
	case "exp_backoff_restart_delay":
		p.Backoff = parseMillis(value)
	case "max_memory_restart":
		p.MaxMemory = value.Int()
	case "node_args":
		for _, arg := range value.Array() {
			p.HeapLimit = cmp.Or(readHeapLimit(arg.String()), p.HeapLimit)
		}
	case "NODE_OPTIONS":
		p.HeapLimit = cmp.Or(p.HeapLimit, readHeapLimit(value.String())) // node_args come after it and count
	}
	p.readCode(key, value)
}

// codeSeed makes fingerprints of arguments, which may be secrets, of no use to other processes.
var codeSeed = maphash.MakeSeed()

// readCode takes in a field that decides which code Node runs beside the script. An empty one
// counts as none.
func (p *Process) readCode(key string, value gjson.Result) {
	text := value.String()
	switch key {
	case "node_args", "args", "NODE_OPTIONS", "NODE_PATH", "LD_PRELOAD", "LD_LIBRARY_PATH":
		if text == "" || text == "[]" || value.Type == gjson.Null {
			return
		}
		p.Code ^= maphash.String(codeSeed, key+"\x00"+text) // in whatever order the fields come
	}
}

// heapOption matches V8's option for the largest heap, in MB; V8 takes _ for -.
var heapOption = regexp.MustCompile(`--max[-_]old[-_]space[-_]size[= ](\d{1,9})\b`)

// readHeapLimit returns the limit of the heap that options of Node set, bytes, 0 if they do not.
func readHeapLimit(options string) int64 {
	m := heapOption.FindStringSubmatch(options)
	if m == nil {
		return 0
	}
	mb, _ := strconv.ParseInt(m[1], 10, 64) // digits alone
	return mb << 20
}

// parseMillis reads milliseconds.
func parseMillis(value gjson.Result) time.Duration {
	return time.Duration(value.Int()) * time.Millisecond
}

// readHistory takes in a field that PM2 has recorded.
func (p *Process) readHistory(key string, value gjson.Result) {
	switch key {
	case "unique_id":
		p.Unique = copyText(value)
	case "status":
		p.Status = Status(copyText(value))
	case "restart_time":
		p.Restarts = int(value.Int())
	case "unstable_restarts":
		p.Unstable = int(value.Int())
	case "created_at":
		p.CreatedAt = parseDate(value)
	case "pm_uptime":
		p.StartedAt = parseDate(value)
	case "node_version":
		p.NodeVersion = copyText(value)
	case "exit_code":
		p.ExitCode = int(value.Int())
	case "axm_monitor":
		p.Beat = hashMetrics(value)
		p.Heap = int64(value.Get("Used Heap Size.value").Float() * (1 << 20)) // MiB
		// PM2 says req/min; it is per second, as a moving average of 60 s (pm2-io-bpm, meter.js:14 and 32).
		p.Requests = value.Get("HTTP.value").Float()
	}
}

// hashMetrics hashes metrics; none, null and {} have 0.
func hashMetrics(metrics gjson.Result) uint64 {
	if !metrics.IsObject() || len(metrics.Raw) <= len("{}") {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(metrics.Raw)) // a hash's Write never fails
	return h.Sum64()
}

// parseID reads a pm_id: a number, or -1 for the outgoing half of a reload ("_old_3") and
// the daemon itself ("PM2").
func parseID(value gjson.Result) int {
	if value.Type != gjson.Number || value.Num < 0 {
		return -1
	}
	return int(value.Int())
}

// copyText copies a value's text, so that it does not keep the whole reply, and the
// secrets in it, in memory. null has none.
func copyText(value gjson.Result) string { return strings.Clone(value.String()) }

// isOff reports whether PM2 takes a setting as false.
func isOff(value gjson.Result) bool {
	switch value.Type {
	case gjson.False, gjson.Null:
		return true
	case gjson.String:
		return value.Str == "false" || value.Str == ""
	case gjson.Number:
		return value.Num == 0
	}
	return false
}

// parseDate reads milliseconds since 1970; null gives the zero time.
func parseDate(value gjson.Result) time.Time {
	if ms := value.Int(); ms > 0 {
		return time.UnixMilli(ms)
	}
	return time.Time{}
}
