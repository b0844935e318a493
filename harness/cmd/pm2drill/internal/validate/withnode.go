package validate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/node"
	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// withNode holds the flag --with-node: where a real Node evaluates the files that the
// evaluator leaves undecided. "" is nowhere.
type withNode string

const inContainer withNode = "container"

func (w *withNode) String() string { return string(*w) }
func (w *withNode) Type() string   { return "place" }

func (w *withNode) Set(word string) error {
	switch {
	case word == "true":
		*w = inContainer
	case word == "false":
		*w = ""
	case word == "container", word == "host", strings.Contains(word, "/"):
		*w = withNode(word)
	default:
		return fmt.Errorf("use container, host, or the path of a node")
	}
	return nil
}

// findCommand returns the node of this host that is named, "" for a container.
func (w withNode) findCommand() string {
	switch w {
	case inContainer:
		return ""
	case "host":
		return "node"
	}
	return string(w)
}

// nodes holds the places where Node runs for this call. What they need is made when the
// first file needs it.
type nodes struct {
	word   withNode
	flags  TargetFlags
	here   *node.Host // that is named; nil for a container
	docker *cluster.Docker
	intent *cluster.Intent
	cells  map[string]*cluster.Cell // by the project's folder
	run    string
}

// newNodes finds the Node of this host, if that is named. It is then the target's, unless
// the flags name another.
func newNodes(ctx context.Context, word withNode, target *ecosystem.Target, named bool, flags TargetFlags) (*nodes, error) {
	n := &nodes{word: word, flags: flags, cells: map[string]*cluster.Cell{}, run: cli.RunID(time.Now(), 0)}
	if word == "" || word == inContainer {
		return n, nil
	}
	here, err := node.NewHost(ctx, word.findCommand(), target.Cwd)
	switch {
	case err != nil:
		return nil, cli.UsageError(fmt.Sprintf("--with-node=%s: %v", word, err))
	case !named:
		target.Node = here.Version
	case cutMajor(here.Version) != cutMajor(target.Node):
		return nil, cli.UsageError(fmt.Sprintf("--with-node=%s is Node %s, and --node says %s: use --with-node=container, or the path of such a node", word, here.Version, target.Node))
	}
	n.here = here
	return n, nil
}

func cutMajor(version string) string {
	head, _, _ := strings.Cut(version, ".")
	return head
}

// evaluateAgain evaluates a file by Node, if it is open and Node is wanted.
func (n *nodes) evaluateAgain(ctx context.Context, s *lint.Subject) (*lint.Subject, error) {
	if n.word == "" || !node.Open(s.Loaded) {
		return s, nil
	}
	req := ecosystem.Request{Path: s.Path, Dialect: s.Dialect, Source: s.Source, Target: s.Target}
	project := findProject(s.Path, s.Target)
	place, err := n.findPlace(ctx, project)
	var folder cluster.FolderError
	if errors.As(err, &folder) {
		s.Loaded.Unsupported = cmp.Or(s.Loaded.Unsupported, "values that nobody knows beforehand") + "; and for Node in a container " + folder.Error()
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	loaded, err := node.Evaluate(ctx, place, req)
	if err != nil {
		return nil, err
	}
	return lint.NewSubject(req, redactTexts(loaded, project, s.Target), lint.Host{}), nil
}

// findPlace returns where Node runs for the files of a project.
func (n *nodes) findPlace(ctx context.Context, project string) (node.Place, error) {
	if n.here != nil {
		return n.here, nil
	}
	if err := n.connect(ctx); err != nil {
		return nil, err
	}
	images, err := n.docker.Images(ctx, n.flags.Node, n.flags.PM2)
	var missing cluster.VersionError
	if errors.As(err, &missing) {
		return nil, cli.UsageError(missing.Error() + "; or use --with-node=host, where the file may be run on this host")
	}
	if err != nil {
		return nil, err
	}
	cell := n.cells[project]
	if cell == nil {
		cell, err = n.docker.NewCell(ctx, cluster.CellSpec{Run: n.run, Image: images.Node, Folder: project,
			Limits: cluster.CellLimits{Memory: node.Memory, Processes: node.Processes, Output: node.MostOutput, Within: node.Within}})
		if err != nil {
			return nil, err
		}
		n.cells[project] = cell
	}
	return cellPlace{cell, project}, nil
}

func (n *nodes) connect(ctx context.Context) (err error) {
	if n.docker != nil {
		return nil
	}
	if n.docker, err = cluster.Connect(ctx); err != nil {
		return fmt.Errorf("%w; or use --with-node=host, where the file may be run on this host", err)
	}
	n.intent, err = cluster.Intend(ctx, n.run, n.docker)
	return err
}

// close removes what was made.
func (n *nodes) close(ctx context.Context) error {
	var errs []error
	for _, c := range n.cells {
		errs = append(errs, c.Close(context.WithoutCancel(ctx)))
	}
	if n.intent != nil {
		errs = append(errs, n.intent.Close())
	}
	if n.docker != nil {
		errs = append(errs, n.docker.Close())
	}
	return errors.Join(errs...)
}

// cellPlace is a container of ours as a place where Node runs.
type cellPlace struct {
	cell    *cluster.Cell
	project string
}

func (c cellPlace) Only() string { return c.project }
func (c cellPlace) PM2() string  { return "/usr/local/bin/pm2" } // where images/node has it

func (c cellPlace) Run(ctx context.Context, args []string, stdin []byte) (node.End, error) {
	end, err := c.cell.Exec(ctx, append([]string{"node"}, args...), stdin)
	return node.End(end), err
}

// findProject returns the folder that a file needs to be evaluated.
func findProject(file string, t ecosystem.Target) string {
	if !filepath.IsAbs(file) {
		file = filepath.Join(t.Cwd, file)
	}
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = "/"
	}
	return ecosystem.Workspace(filepath.Dir(file), home, lint.Host{}.Exists)
}

// redactTexts returns an evaluation whose texts have no secrets of the project or its environment.
func redactTexts(e ecosystem.Evaluation, project string, t ecosystem.Target) ecosystem.Evaluation {
	veil := new(redact.Redactor)
	veil.LearnVariables(t.OS)
	veil.LearnFolder(project)
	veil.LearnTree(e.Value.Plain())
	if e.Failure != nil {
		f := *e.Failure
		f.Message = veil.Clean(f.Message)
		e.Failure = &f
	}
	e.Unsupported = veil.Clean(e.Unsupported)
	for i := range e.Effects {
		e.Effects[i].Call = veil.Clean(e.Effects[i].Call)
	}
	for i := range e.Open {
		e.Open[i] = veil.Clean(e.Open[i])
	}
	return e
}
