package lint

import (
	"regexp"
	"strconv"
	"strings"
)

func c013() Rule {
	return Rule{
		ID: "C013", Severity: Warning,
		Title:  "limits of memory that do not fit",
		Why:    "PM2 compares each worker's resident memory with max_memory_restart every 30 s, and reloads the worker. Where all of them together may have more than the host, the kernel kills one first, without a reload. Where V8 may have a heap as large as that limit, it sees no reason to collect before the limit is reached.",
		Fix:    "max_memory_restart at most the host's memory by the number of workers, and --max-old-space-size well below it.",
		Source: "lib/Worker.js:89",
		Apps: func(a App) []Finding {
			limit, ok := a.getNumber("max_memory_restart")
			if !ok || limit < 1<<20 {
				return a.checkHeaps()
			}
			var out []Finding
			if all, has := limit*float64(a.Plan.Workers), float64(a.of.Target.Memory); has > 0 && all > has {
				out = append(out, a.report("max_memory_restart", "%d workers may have %.0f MiB together, and the target has %.0f.", a.Plan.Workers, all/(1<<20), has/(1<<20)))
			}
			if m := oldSpace.FindStringSubmatch(a.findNodeOptions()); m != nil && a.Plan.Launcher == "" { // P008: PM2 measures no server behind a launcher
				if heap, err := strconv.ParseFloat(m[1], 64); err == nil && heap*(1<<20) >= limit {
					out = append(out, a.report(a.findHeapKey(), "The heap may grow to %.0f MiB, and PM2 reloads a worker at %.0f.", heap, limit/(1<<20)))
				}
			}
			return out
		},
	}
}

// checkHeaps returns a finding if the heaps of all apps together may take more memory
// than the host has; it is about the app that passes the limit.
func (a App) checkHeaps() []Finding {
	has, before := float64(a.of.Target.Memory), 0.0
	for _, other := range a.of.Apps[:a.Index] {
		before += other.computeHeap()
	}
	if all := before + a.computeHeap(); has > 0 && before <= has && all > has {
		return listOne(a.report(a.findHeapKey(), "With this app the heaps of all workers may have %.0f MiB together, and the target has %.0f.", all/(1<<20), has/(1<<20)))
	}
	return nil
}

// findNodeOptions returns the options that Node gets for the app: by node_args, unless
// they stop at a launcher, and by NODE_OPTIONS where the process starts with the app's
// environment.
func (a App) findNodeOptions() string {
	options := ""
	if a.Plan.Cluster || a.Plan.OnNode() && a.Plan.Launcher == "" {
		options = strings.Join(a.listTexts("node_args"), " ")
	}
	if a.Plan.StartsWithEnv() {
		options += " " + a.buildEnv().Get("NODE_OPTIONS").Text
	}
	return options
}

// findHeapKey returns the setting that limits the heap.
func (a App) findHeapKey() string {
	if oldSpace.MatchString(strings.Join(a.listTexts("node_args"), " ")) {
		return "node_args"
	}
	return "env.NODE_OPTIONS"
}

// computeHeap returns how many bytes V8 may have for the heaps of all workers, as the
// options say; 0 if they say nothing.
func (a App) computeHeap() float64 {
	m := oldSpace.FindStringSubmatch(a.findNodeOptions())
	if m == nil {
		return 0
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return 0
	}
	return n * (1 << 20) * float64(a.Plan.Workers)
}

var oldSpace = regexp.MustCompile(`--max[-_]old[-_]space[-_]size[= ](\d+)`)
