package proofs

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
	"github.com/pm2drill/pm2drill/harness/lint"
)

func TestProofs(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Rules of pm2drill validate, on real PM2")
}

// within is how long one try may take.
const within = 90 * time.Second

var (
	docker *cluster.Docker
	spec   cluster.Spec
	lab    *cluster.Cluster
)

var _ = BeforeSuite(func(ctx SpecContext) {
	var err error
	docker, err = cluster.Connect(ctx)
	Expect(err).NotTo(HaveOccurred())
	id := fmt.Sprintf("proofs-%s-%d", time.Now().UTC().Format("20060102-150405"), GinkgoParallelProcess())
	intent, err := cluster.Intend(ctx, id, docker)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(intent.Close)
	files, err := Files(All())
	Expect(err).NotTo(HaveOccurred())
	spec = cluster.Spec{Run: id, Plain: files, Binary: intent.Binaries[0]}
	lab = open(ctx, os.Getenv("NODE"))
})

// open starts a lab with a version of Node, for as long as the suite or the spec lasts.
func open(ctx context.Context, node string) *cluster.Cluster {
	GinkgoHelper()
	images, err := docker.Images(ctx, node, os.Getenv("PM2"))
	Expect(err).NotTo(HaveOccurred())
	s := spec
	s.Images = images
	c, err := docker.Start(ctx, s)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func(ctx SpecContext) { Expect(c.Close(ctx)).To(Succeed()) })
	return c
}

var _ = Describe("An error of a configuration", Label("rule"), func() {
	for _, p := range All() {
		rule, _ := lint.Find(p.Rule)
		It(fmt.Sprintf("%s does harm, and its remedy does none: %s", p.Rule, rule.Title), func(ctx SpecContext) {
			here := lab
			if p.Node != "" {
				here = open(ctx, p.Node)
			}
			bad, good := tried(ctx, here, p, false), tried(ctx, here, p, true)
			harm := p.Harm(bad)
			Expect(harm).NotTo(BeEmpty(), "the bad one does no harm: %+v", bad)
			Expect(p.Harm(good)).To(BeEmpty(), "%+v", good)
			AddReportEntry(p.Rule, proven{p, harm, good.state()}.row())
		}, SpecTimeout(2*within))
	}
})

func tried(ctx context.Context, here *cluster.Cluster, p Proof, good bool) Outcome {
	GinkgoHelper()
	ctx, stop := context.WithTimeout(ctx, within)
	defer stop()
	command, err := p.command(good)
	Expect(err).NotTo(HaveOccurred())
	out, err := here.Exec(ctx, command...)
	Expect(err).NotTo(HaveOccurred())
	o, err := read(out.Stdout)
	Expect(err).NotTo(HaveOccurred())
	return o
}

// TestEveryErrorIsProven holds proofs and rules to each other: each error has one, the
// validator finds it in the bad folder and not in the good one, in which it finds no
// error or warning that the bad one has not.
func TestEveryErrorIsProven(t *testing.T) {
	proven := map[string]bool{}
	for _, p := range All() {
		proven[p.Rule] = true
		if p.Rule[0] == 'R' {
			continue // it is about two files
		}
		bad, good := finds(t, p, false), finds(t, p, true)
		if !bad[p.Rule].AtLeast(lint.Error) || good[p.Rule] == lint.Error {
			t.Errorf("%s: the bad one is %q, the good one %q", p.Rule, bad[p.Rule], good[p.Rule])
		}
		for rule, severity := range good {
			if severity.AtLeast(lint.Warning) && !bad[rule].AtLeast(severity) {
				t.Errorf("%s: its remedy brings the %s %s", p.Rule, severity, rule)
			}
		}
	}
	for _, r := range lint.Rules() {
		if why := Unproven()[r.ID]; r.Severity == lint.Error && !proven[r.ID] && why == "" {
			t.Errorf("%s is an error and has no proof", r.ID)
		}
	}
}

// finds is what is found in a folder of the proof: rules, with the worst severity of each.
func finds(t *testing.T, p Proof, good bool) map[string]lint.Severity {
	t.Helper()
	dir := t.TempDir()
	text := p.Bad
	if good {
		text = p.Good
	}
	all := map[string]string{"server.js": "", p.name(good): text}
	for name, data := range p.With {
		all[name] = data
	}
	for name, data := range all {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	req := ecosystem.Request{Path: filepath.Join(dir, p.name(good)), Dialect: ecosystem.DialectOf(p.name(good)), Source: []byte(text),
		Target: ecosystem.Target{CPUs: 2, Node: cmp.Or(p.Node, "26.10.0"), PM2: "7.0.4", Cwd: dir}}
	if p.Front {
		req.Target.Route = ecosystem.Runtime
	}
	s := lint.NewSubject(req, sandbox.Evaluate(req), lint.Host{})
	worst := map[string]lint.Severity{}
	for _, f := range lint.Check(s, lint.Rules()) {
		if !worst[f.Rule].AtLeast(f.Severity) || worst[f.Rule] == "" {
			worst[f.Rule] = f.Severity
		}
	}
	return worst
}
