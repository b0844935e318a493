package rehearsal

import (
	"fmt"
	"math"
	"time"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/report"
)

// What PM2 takes where a file says nothing (constants.js and God.js of all versions
// from 5.4 on), in milliseconds.
const (
	killTimeout   = 1600
	listenTimeout = 3000
)

// drainTime is how long the proposed handler keeps a process that has nothing left to answer: a
// second until it closes idle connections, half a second without any, and the time to see it.
const drainTime = 2 * time.Second

// Propose compares the app's settings with what was measured. slow is how long a
// start was made to wait: a configuration that is to bear it must wait so long, too. handler says
// that a handler is proposed as well, for which kill_timeout must leave time.
func Propose(app lint.App, f report.Measured, slow time.Duration, handler bool) []report.Proposal {
	var out []report.Proposal
	listen := getSetting(app, "listen_timeout", listenTimeout)
	if need := f.Boot + slow; len(f.Boots) > 0 && convertToMillis(need) > listen {
		out = append(out, report.Proposal{Key: "listen_timeout", Was: formatNumber(listen), Value: formatNumber(roundUpSeconds(2 * need)),
			Why: fmt.Sprintf("a worker took %s to its first request (the slowest of %d boots), and %s more on a slow day; PM2 ends the old one after %s ms", f.Boot.Round(time.Millisecond), len(f.Boots), slow, formatNumber(listen))})
	}
	kill := getSetting(app, "kill_timeout", killTimeout)
	rest, also := 500*time.Millisecond, ""
	if handler {
		rest, also = drainTime, fmt.Sprintf(", and the handler takes up to %s more to let connections go", drainTime)
	}
	if need := f.Longest + rest; convertToMillis(need) > kill && f.Longest > 0 {
		out = append(out, report.Proposal{Key: "kill_timeout", Was: formatNumber(kill), Value: formatNumber(roundUpSeconds(f.Longest*3/2 + rest + time.Second/2)),
			Why: fmt.Sprintf("the longest answer took %s%s; PM2 kills a worker %s ms after its SIGINT", f.Longest.Round(time.Millisecond), also, formatNumber(kill))})
	}
	limit, limited := app.Ready.Get("max_memory_restart"), app.Ready.Get("max_memory_restart").Is(ecosystem.Number)
	if f.Memory > 0 && limited && float64(f.Memory)*1.2 > limit.Num {
		out = append(out, report.Proposal{Key: "max_memory_restart", Was: formatNumber(limit.Num), Value: fmt.Sprintf("%q", fmt.Sprintf("%dM", computeMegabytes(f.Memory))),
			Why: fmt.Sprintf("a worker had %d MiB, which is more than five sixths of the limit: PM2 would reload it under load", f.Memory>>20)})
	}
	return out
}

func getSetting(app lint.App, key string, otherwise float64) float64 {
	if v := app.Ready.Get(key); v.Is(ecosystem.Number) && v.Num > 0 {
		return v.Num
	}
	return otherwise
}

func convertToMillis(d time.Duration) float64 { return float64(d.Milliseconds()) }

// roundUpSeconds rounds up to whole seconds, in milliseconds.
func roundUpSeconds(d time.Duration) float64 { return math.Ceil(d.Seconds()) * 1000 }

func formatNumber(n float64) string { return fmt.Sprintf("%.0f", n) }

// computeMegabytes returns twice as much memory as n bytes, in MiB in steps of 64.
func computeMegabytes(n int64) int64 { return (2*n>>20 + 63) / 64 * 64 }

// listDecisive returns the settings that decide what a rollout costs.
func listDecisive() []string {
	return []string{"exec_mode", "instances", "wait_ready", "listen_timeout", "kill_timeout", "shutdown_with_message", "max_memory_restart"}
}

// Settings are those settings of the app that decide what a rollout costs, as PM2 has
// them; what the file does not set is left out.
func Settings(app lint.App) []report.Setting {
	var out []report.Setting
	for _, key := range listDecisive() {
		if v := app.Ready.Get(key); !v.Missing() {
			out = append(out, report.Setting{Key: key, Value: v.Inspect()})
		}
	}
	return out
}
