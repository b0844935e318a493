package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/validate"
	"github.com/pm2drill/pm2drill/harness/lint"
)

// BenchmarkValidate compares, in one run and in turns, a cold `pm2drill validate FILE`
// (a new process, and in it another one that evaluates), the same file in a process
// that is already there, and `node -e` that loads the file and does nothing with it. It
// needs bin/pm2drill and Node: make bench-validate.
func BenchmarkValidate(b *testing.B) {
	binary, err := filepath.Abs("../../../bin/pm2drill")
	if err != nil {
		b.Fatal(err)
	}
	files, err := filepath.Glob("../../../fixtures/node-apps/*/*.config.js")
	if err != nil || len(files) == 0 {
		b.Fatalf("no files: %v", err)
	}
	took := map[string][]time.Duration{}
	timed := func(what string, do func() error) {
		begun := time.Now()
		if err := do(); err != nil {
			b.Fatalf("%s: %v", what, err)
		}
		took[what] = append(took[what], time.Since(begun))
	}
	for i := range b.N {
		file := files[i%len(files)]
		timed("cold", func() error { return judged(exec.Command(binary, "validate", file)) })
		timed("warm", func() error { return inProcess(b.Context(), binary, file) })
		timed("node", func() error { return exec.Command("node", "-e", fmt.Sprintf("require(%q)", "./"+file)).Run() })
	}
	for what, all := range took {
		slices.Sort(all)
		b.ReportMetric(ms(all[len(all)/2]), what+"-median-ms")
		b.ReportMetric(ms(all[len(all)*95/100]), what+"-p95-ms")
	}
}

// BenchmarkValidateMany compares, in turns, `pm2drill validate` of a file with many apps
// and `node -e` that loads it: make bench-validate.
func BenchmarkValidateMany(b *testing.B) {
	binary, err := filepath.Abs("../../../bin/pm2drill")
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{1000, 5000} {
		b.Run(fmt.Sprintf("%d-apps", n), func(b *testing.B) {
			file := filepath.Join(b.TempDir(), "ecosystem.config.js")
			text := fmt.Sprintf("module.exports = { apps: Array.from({ length: %d }, (_, i) => ({ name: `web-${i}`, script: './server.js', instances: 2, env: { PORT: 3000 + i } })) };\n", n)
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				b.Fatal(err)
			}
			var ours, nodes []time.Duration
			for range b.N {
				begun := time.Now()
				if err := judged(exec.Command(binary, "validate", file)); err != nil {
					b.Fatal(err)
				}
				between := time.Now()
				if err := exec.Command("node", "-e", fmt.Sprintf("require(%q)", file)).Run(); err != nil {
					b.Fatal(err)
				}
				ours, nodes = append(ours, between.Sub(begun)), append(nodes, time.Since(between))
			}
			slices.Sort(ours)
			slices.Sort(nodes)
			b.ReportMetric(ms(ours[len(ours)/2]), "validate-median-ms")
			b.ReportMetric(ms(nodes[len(nodes)/2]), "node-median-ms")
		})
	}
}

// judged runs validate, for which findings are no failure.
func judged(cmd *exec.Cmd) error {
	err := cmd.Run()
	if cmd.ProcessState != nil && cmd.ProcessState.ExitCode() <= cli.ExitBroken {
		return nil
	}
	return err
}

// inProcess does with a file what validate does after its start.
func inProcess(ctx context.Context, binary, file string) error {
	t := validate.TargetFlags{CPUs: 4, Node: "26.10.0", PM2: "7.0.4"}
	target, err := t.Resolve()
	if err != nil {
		return err
	}
	read, err := validate.ReadInput(nil, file)
	if err != nil {
		return err
	}
	s, err := validate.EvaluateBy(ctx, binary, read[0], target)
	if err != nil {
		return err
	}
	if s.Loaded.Failure != nil {
		return fmt.Errorf("%s does not load: %s", file, s.Loaded.Failure.Message)
	}
	lint.Check(s, lint.Rules())
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
