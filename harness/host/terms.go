package host

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Terms returns on what terms the kernel runs a process, which a process of the same user can
// change, by name: policy (as in Proc), cpus (Cpus_allowed_list of /proc/PID/status), "oom score"
// (/proc/PID/oom_score_adj), and each row of /proc/PID/limits with its soft and its hard value,
// such as "open files": "1024 1048576". The error is ErrNoProcess when it is gone.
func Terms(p Proc) (map[string]string, error) {
	out := map[string]string{"policy": strconv.Itoa(p.Policy)}
	for file, take := range map[string]func(line string){
		"status": func(line string) {
			if cpus, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
				out["cpus"] = strings.TrimSpace(cpus)
			}
		},
		"oom_score_adj": func(line string) { out["oom score"] = strings.TrimSpace(line) },
		"limits": func(line string) {
			if name, value := parseLimit(line); name != "" {
				out[name] = value
			}
		},
	} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.PID, file))
		if err != nil {
			return nil, wrapReadError(p.PID, err)
		}
		for line := range strings.Lines(string(text)) {
			take(line)
		}
	}
	return out, nil
}

// limitName is the width of the first column of /proc/PID/limits (fs/proc/base.c), in bytes.
const limitName = 26

// parseLimit reads "Max open files            1024                 1048576              files",
// and returns "" for a line that is no limit.
func parseLimit(line string) (name, value string) {
	rest, ok := strings.CutPrefix(line, "Max ")
	if !ok || len(line) <= limitName {
		return "", ""
	}
	values := strings.Fields(line[limitName:])
	if len(values) < 2 {
		return "", ""
	}
	return strings.TrimSpace(rest[:limitName-len("Max ")]), values[0] + " " + values[1]
}
