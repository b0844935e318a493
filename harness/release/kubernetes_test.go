package release

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// job has the fields of batch/v1 Job, and of the pod in it, that the example uses, and no
// others: an unknown field is an error. k8s.io/api, which has all of them, would bring a dozen
// modules for this one test.
type job struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct {
		Name   string
		Labels map[string]string
	}
	Spec struct {
		CompletionMode       string `yaml:"completionMode"`
		Completions          int32
		Parallelism          int32
		BackoffLimit         *int32 `yaml:"backoffLimit"`
		BackoffLimitPerIndex *int32 `yaml:"backoffLimitPerIndex"`
		MaxFailedIndexes     *int32 `yaml:"maxFailedIndexes"`
		PodFailurePolicy     *struct {
			Rules []struct {
				Action      string
				OnExitCodes *struct {
					ContainerName string `yaml:"containerName"`
					Operator      string
					Values        []int32
				} `yaml:"onExitCodes"`
			}
		} `yaml:"podFailurePolicy"`
		Template struct{ Spec pod }
	}
}

type pod struct {
	RestartPolicy                 string `yaml:"restartPolicy"`
	TerminationGracePeriodSeconds *int64 `yaml:"terminationGracePeriodSeconds"`
	Volumes                       []volume
	InitContainers                []container `yaml:"initContainers"`
	Containers                    []container
}

type volume struct {
	Name                  string
	EmptyDir              *struct{} `yaml:"emptyDir"`
	PersistentVolumeClaim *struct {
		ClaimName string `yaml:"claimName"`
	} `yaml:"persistentVolumeClaim"`
}

type container struct {
	Name, Image     string
	Command, Args   []string
	RestartPolicy   string `yaml:"restartPolicy"`
	Env             []struct{ Name, Value string }
	SecurityContext *struct{ Privileged bool } `yaml:"securityContext"`
	StartupProbe    *struct {
		Exec             struct{ Command []string }
		FailureThreshold int32 `yaml:"failureThreshold"`
		PeriodSeconds    int32 `yaml:"periodSeconds"`
	} `yaml:"startupProbe"`
	Resources    struct{ Requests map[string]string }
	VolumeMounts []struct {
		Name      string
		MountPath string `yaml:"mountPath"`
	} `yaml:"volumeMounts"`
}

// readJobs parses the example strictly.
func readJobs(t *testing.T) (jobs []job) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, ".packaging/kubernetes/indexed-job.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	for {
		var j job
		if err := decoder.Decode(&j); errors.Is(err, io.EOF) {
			return jobs
		} else if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, j)
	}
}

// TestIndexedJob holds the example to what the API server refuses: policies that do not go
// together, volumes that are not there, containers that a rule names and the pod lacks.
func TestIndexedJob(t *testing.T) {
	jobs := readJobs(t)
	if len(jobs) != 2 || jobs[0].Metadata.Labels["part"] != "drill" || jobs[1].Metadata.Labels["part"] != "merge" {
		t.Fatalf("%d jobs: %+v", len(jobs), jobs)
	}
	for _, j := range jobs {
		p := j.Spec.Template.Spec
		if j.APIVersion != "batch/v1" || j.Kind != "Job" || p.RestartPolicy != "Never" {
			t.Errorf("%s is %s %s, and its pods restart %s", j.Metadata.Name, j.APIVersion, j.Kind, p.RestartPolicy)
		}
		names := []string{}
		for _, c := range slices.Concat(p.InitContainers, p.Containers) {
			names = append(names, c.Name)
			for _, m := range c.VolumeMounts {
				if !slices.ContainsFunc(p.Volumes, func(v volume) bool { return v.Name == m.Name }) {
					t.Errorf("%s mounts %s, which is no volume of the pod", c.Name, m.Name)
				}
			}
		}
		if j.Spec.PodFailurePolicy == nil {
			continue
		}
		for _, rule := range j.Spec.PodFailurePolicy.Rules {
			if rule.Action != "FailIndex" || j.Spec.BackoffLimitPerIndex == nil || j.Spec.CompletionMode != "Indexed" {
				t.Errorf("%s: %s needs backoffLimitPerIndex and Indexed", j.Metadata.Name, rule.Action)
			}
			if on := rule.OnExitCodes; on == nil || on.Operator != "In" || !slices.Equal(on.Values, []int32{1, 2, 64}) || !slices.Contains(names, on.ContainerName) {
				t.Errorf("%s: a rule on %+v of %v", j.Metadata.Name, rule.OnExitCodes, names)
			}
		}
	}
	drill := jobs[0].Spec
	if drill.CompletionMode != "Indexed" || drill.Completions < 2 || drill.Parallelism != drill.Completions || *drill.MaxFailedIndexes < drill.Completions {
		t.Errorf("%+v", drill)
	}
	if init := drill.Template.Spec.InitContainers[0]; init.RestartPolicy != "Always" || init.SecurityContext == nil || !init.SecurityContext.Privileged {
		t.Errorf("the engine does not run beside the drills, or may not: %+v", init)
	}
}

// TestIndexedJobRuns runs the commands of the example's pods with the command and docker
// stubbed: each index calls for its own shard, all shards are called for, and the merge names
// the report of each.
func TestIndexedJobRuns(t *testing.T) {
	jobs := readJobs(t)
	shared, bin := t.TempDir(), t.TempDir()
	calls := filepath.Join(bin, "calls")
	stub := "#!/bin/sh\necho \"$(basename \"$0\") $*\" >>'" + calls + "'\nwhile [ $# -gt 0 ]; do [ \"$1\" = --out ] && mkdir \"$2\"; shift; done\nexit 0\n"
	for _, file := range []string{filepath.Join(shared, "pm2drill"), filepath.Join(bin, "docker")} {
		if err := os.WriteFile(file, []byte(stub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	runPod := func(j job, more ...string) {
		c := j.Spec.Template.Spec.Containers[0]
		cmd := exec.Command(c.Command[0], c.Command[1:]...)
		cmd.Env = append(os.Environ(), more...)
		for _, v := range c.Env {
			cmd.Env = append(cmd.Env, v.Name+"="+v.Value)
		}
		cmd.Env = append(cmd.Env, "SHARED="+shared, "PATH="+bin+":"+os.Getenv("PATH"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", c.Name, err, out)
		}
	}
	n := int(jobs[0].Spec.Completions)
	for index := range n {
		runPod(jobs[0], fmt.Sprintf("JOB_COMPLETION_INDEX=%d", index))
		runPod(jobs[0], fmt.Sprintf("JOB_COMPLETION_INDEX=%d", index)) // a pod that takes over
	}
	runPod(jobs[1])
	text, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	said := strings.ReplaceAll(string(text), shared, "SHARED")
	reports := ""
	for i := 1; i <= n; i++ {
		reports += fmt.Sprintf(" SHARED/reports/%d", i)
		want := fmt.Sprintf("docker load -q -i SHARED/images.tar\npm2drill gate --engine pm2drill engine --profile core --seed 7 --shard %d/%d --out SHARED/reports/%d\n", i, n, i)
		if strings.Count(said, want) != 2 {
			t.Errorf("shard %d is not called for twice:\n%s", i, said)
		}
	}
	if !strings.Contains(said, "pm2drill merge --out SHARED/merged"+reports+"\n") {
		t.Errorf("the merge does not name all reports:\n%s", said)
	}
}

// TestShardsWorkflow: the parts of the matrix are all parts that the action is called with, and
// the merge waits for them, runs whatever became of them, and takes what they have uploaded.
func TestShardsWorkflow(t *testing.T) {
	type step struct {
		Uses, Run string
		With      map[string]string
	}
	var w struct {
		Jobs map[string]struct {
			Needs    string
			If       string
			Strategy struct {
				FailFast *bool `yaml:"fail-fast"`
				Matrix   struct{ Part []int }
			}
			Steps []step
		}
	}
	read(t, ".github/workflows/shards.yml", &w)
	drill, merge := w.Jobs["drill"], w.Jobs["merge"]
	parts := drill.Strategy.Matrix.Part
	for i, part := range parts {
		if part != i+1 {
			t.Errorf("the parts are %v", parts)
		}
	}
	at := slices.IndexFunc(drill.Steps, func(s step) bool { return s.Uses == "./" })
	if at < 0 || len(parts) < 2 {
		t.Fatalf("no step drills %d parts", len(parts))
	}
	with := drill.Steps[at].With
	if with["shard"] != fmt.Sprintf("${{ matrix.part }}/%d", len(parts)) || !strings.Contains(with["args"], "--seed") || drill.Strategy.FailFast == nil || *drill.Strategy.FailFast {
		t.Errorf("a part is %q with %q, fail-fast %v", with["shard"], with["args"], drill.Strategy.FailFast)
	}
	artifact, pattern := with["artifact"], ""
	for _, s := range merge.Steps {
		if strings.Contains(s.Uses, "download-artifact@") {
			pattern = s.With["pattern"]
		}
	}
	if matched, err := filepath.Match(pattern, strings.ReplaceAll(artifact, "${{ matrix.part }}", "1")); err != nil || !matched {
		t.Errorf("the merge takes %q, and a part uploads %q", pattern, artifact)
	}
	if merge.Needs != "drill" || merge.If != "always()" || !slices.ContainsFunc(merge.Steps, func(s step) bool { return strings.Contains(s.Run, "pm2drill merge --out ") }) {
		t.Errorf("the merge: %+v", merge)
	}
}
