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

// Propose compares the app's settings with what was measured. slow is how long a
// start was made to wait: a configuration that is to bear it must wait so long, too.
func Propose(app lint.App, f report.Measured, slow time.Duration) []report.Proposal {
	var out []report.Proposal
	listen := setting(app, "listen_timeout", listenTimeout)
	if need := f.Boot + slow; len(f.Boots) > 0 && ms(need) > listen {
		out = append(out, report.Proposal{Key: "listen_timeout", Was: number(listen), Value: number(seconds(2 * need)),
			Why: fmt.Sprintf("a worker took %s to its first request (the slowest of %d boots), and %s more on a slow day; PM2 ends the old one after %s ms", f.Boot.Round(time.Millisecond), len(f.Boots), slow, number(listen))})
	}
	kill := setting(app, "kill_timeout", killTimeout)
	if need := f.Longest + 500*time.Millisecond; ms(need) > kill {
		out = append(out, report.Proposal{Key: "kill_timeout", Was: number(kill), Value: number(seconds(f.Longest*3/2 + time.Second)),
			Why: fmt.Sprintf("the longest answer took %s; PM2 kills a worker %s ms after its SIGINT", f.Longest.Round(time.Millisecond), number(kill))})
	}
	limit, limited := app.Ready.Get("max_memory_restart"), app.Ready.Get("max_memory_restart").Is(ecosystem.Number)
	if f.Memory > 0 && limited && float64(f.Memory)*1.2 > limit.Num {
		out = append(out, report.Proposal{Key: "max_memory_restart", Was: number(limit.Num), Value: fmt.Sprintf("%q", fmt.Sprintf("%dM", megabytes(f.Memory))),
			Why: fmt.Sprintf("a worker had %d MiB, which is more than five sixths of the limit: PM2 would reload it under load", f.Memory>>20)})
	}
	return out
}

func setting(app lint.App, key string, otherwise float64) float64 {
	if v := app.Ready.Get(key); v.Is(ecosystem.Number) && v.Num > 0 {
		return v.Num
	}
	return otherwise
}

func ms(d time.Duration) float64 { return float64(d.Milliseconds()) }

// seconds rounds up to whole seconds, in milliseconds.
func seconds(d time.Duration) float64 { return math.Ceil(d.Seconds()) * 1000 }

func number(n float64) string { return fmt.Sprintf("%.0f", n) }

// megabytes is twice as much memory, in steps of 64 MiB.
func megabytes(n int64) int64 { return (2*n>>20 + 63) / 64 * 64 }

// decisive are the settings that decide what a rollout costs.
func decisive() []string {
	return []string{"exec_mode", "instances", "wait_ready", "listen_timeout", "kill_timeout", "shutdown_with_message", "max_memory_restart"}
}

// Settings are those settings of the app that decide what a rollout costs, as PM2 has
// them; what the file does not set is left out.
func Settings(app lint.App) []report.Setting {
	var out []report.Setting
	for _, key := range decisive() {
		if v := app.Ready.Get(key); !v.Missing() {
			out = append(out, report.Setting{Key: key, Value: v.Inspect()})
		}
	}
	return out
}
