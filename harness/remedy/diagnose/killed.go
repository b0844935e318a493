package diagnose

import (
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// killedTwice is how many processes must have been killed within memory: one is somebody's, or
// PM2 has dealt with it.
const killedTwice = 2

// diagnoseKilled returns a diagnosis where processes were ended by SIGKILL again and again, and
// neither PM2 nor the engine had asked them to end. The kernel does that when memory is out, and
// so can anybody: only the kernel's own count tells which, and without it the engine does not claim to know.
func diagnoseKilled(c Facts) (Diagnosis, bool) {
	killed, ids := c.selectCrashes(func(k crash) bool { return !k.asked && c.findEnd(k) == "SIGKILL" })
	if len(killed) < killedTwice {
		return Diagnosis{}, false
	}
	f := Diagnosis{
		Cause: engine.OutOfMemory, Subject: "SIGKILL", IDs: ids, Confidence: 0.5,
		Evidence: []engine.Fact{{Source: "pm2.log", Text: fmt.Sprintf("%d processes of workers %v were killed (SIGKILL) from outside within %s: by the kernel for want of memory, or by somebody",
			len(killed), ids, (killed[len(killed)-1].at - killed[0].at).Round(time.Second))}},
		RuledOut: []engine.Ruled{
			{Cause: engine.KillTimeoutShort, Fact: "PM2 had not asked them to end, and neither had the engine"},
			{Cause: engine.HeapExhausted, Fact: "V8 ends a process by SIGABRT"},
		},
		Human: "find who kills the workers: dmesg or journalctl -k has the kernel's \"Out of memory\" lines, memory.events those of a cgroup. PM2 goes on starting the workers",
	}
	if n := c.countOOMKills(); n >= len(killed) {
		f.Confidence = 0.85
		f.Evidence = append(f.Evidence, engine.Fact{Source: "proc", Text: fmt.Sprintf("the kernel has killed %d processes on this host for want of memory in that time (oom_kill of /proc/vmstat)", n)})
	}
	return f, true
}

// countOOMKills counts the processes that the kernel has killed on the host, of what is remembered.
func (c Facts) countOOMKills() (n int) {
	for _, o := range c.history {
		n += o.OOMKills
	}
	return n
}
