package node

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
)

//go:embed evaluate.js
var evaluateJS string

// mostValues is how many values a configuration may have, as in package sandbox.
const mostValues = 200_000

// Open reports whether Node can say more of a file than this evaluation does. Of a package
// that is not installed it cannot.
func Open(e ecosystem.Evaluation) bool {
	return len(e.Absent) == 0 && (e.Unsupported != "" || len(e.Others) > 0)
}

// Evaluate evaluates the file in the place. A TypeScript file is not evaluated: PM2 starts
// it. An error is of the place.
func Evaluate(ctx context.Context, at Place, req ecosystem.Request) (ecosystem.Evaluation, error) {
	if req.Dialect == ecosystem.App {
		return ecosystem.Evaluation{Unsupported: "a name that PM2 starts as an app"}, nil
	}
	worlds := sandbox.Worlds()
	first, err := evaluateIn(ctx, at, worlds[0], req)
	if err != nil || len(first.Open) == 0 || first.Unsupported != "" {
		return first, err
	}
	all := []ecosystem.Evaluation{first}
	for _, w := range worlds[1:] {
		e, err := evaluateIn(ctx, at, w, req)
		if err != nil {
			return e, err
		}
		all = append(all, e)
	}
	return sandbox.Agree(all), nil
}

// question is what evaluate.js is asked.
type question struct {
	Mark    string            `json:"mark"` // begins the line of the answer; the file does not know it
	Path    string            `json:"path"` // as it is given to pm2
	Entry   string            `json:"entry"`
	Dialect ecosystem.Dialect `json:"dialect"`
	Name    string            `json:"name"` // of --env
	Env     map[string]string `json:"env"`
	CPUs    int               `json:"cpus"`
	Memory  int64             `json:"memory"`
	World   sandbox.World     `json:"world"`
	Only    string            `json:"only"`
	PM2     string            `json:"pm2"`
	Asked   []string          `json:"asked"` // the names of properties that PM2 asks for
	Most    int               `json:"most"`
}

// answer is what evaluate.js says.
type answer struct {
	Value       *ecosystem.Value   `json:"value"`
	Error       *thrown            `json:"error"`
	Unsupported string             `json:"unsupported"`
	Line        int                `json:"line"`
	Col         int                `json:"col"`
	ESM         bool               `json:"esm"`
	Open        []string           `json:"open"`
	Reads       []ecosystem.Read   `json:"reads"`
	Effects     []ecosystem.Effect `json:"effects"`
	Files       []string           `json:"files"`
}

func evaluateIn(ctx context.Context, at Place, w sandbox.World, req ecosystem.Request) (ecosystem.Evaluation, error) {
	t := req.Target
	entry := req.Path
	if !filepath.IsAbs(entry) {
		entry = filepath.Join(t.Cwd, entry)
	}
	if real, err := filepath.EvalSymlinks(entry); err == nil {
		entry = real
	}
	q := question{Mark: rand.Text(), Path: req.Path, Entry: entry, Dialect: req.Dialect, Name: t.Env, Env: t.OS, CPUs: t.CPUs, Memory: t.Memory, World: w,
		Only: at.Only(), PM2: at.PM2(), Asked: listAsked(), Most: mostValues}
	if req.Dialect == ecosystem.YAML && q.PM2 == "" {
		return ecosystem.Evaluation{Unsupported: "YAML, for which there is no pm2 here"}, nil
	}
	in, err := json.Marshal(q)
	if err != nil {
		return ecosystem.Evaluation{}, fmt.Errorf("cannot ask node about %s: %w", req.Path, err)
	}
	program := "data:text/javascript;base64," + base64.StdEncoding.EncodeToString([]byte(evaluateJS))
	end, err := at.Run(ctx, []string{"--no-warnings", "--max-old-space-size=" + strconv.Itoa(Heap), "--import", program, os.DevNull}, in)
	if err != nil {
		return ecosystem.Evaluation{}, fmt.Errorf("cannot have node evaluate %s: %w", req.Path, err)
	}
	a, ready, answered := findAnswer(end.Stdout, q.Mark)
	switch {
	case answered:
		return a.buildEvaluation(req, entry, at), nil
	case !ready && !end.Late:
		return ecosystem.Evaluation{}, fmt.Errorf("cannot have node evaluate %s: it ended with code %d before it began: %.500s", req.Path, end.Code, strings.TrimSpace(end.Stderr))
	}
	return explainBreak(end), nil
}

// listAsked returns the names of properties that PM2 asks a configuration or an app for.
func listAsked() []string {
	out := []string{"apps", "pm2", "deploy", "static", "default", "__esModule"}
	for _, s := range ecosystem.Settings() {
		out = append(append(out, s.Key), s.AllAliases()...)
	}
	return out
}

// findAnswer returns the answer among what the file has printed. ready tells that Node
// came as far as the file, as the first marked line says.
func findAnswer(stdout []byte, mark string) (a answer, ready, answered bool) {
	for line := range bytes.Lines(stdout) {
		rest, marked := bytes.CutPrefix(line, []byte(mark))
		switch {
		case !marked:
		case !ready:
			ready = true
		default:
			return a, true, json.Unmarshal(rest, &a) == nil
		}
	}
	return a, ready, false
}

// computing is how much processor time a file must have taken that is called too slow; of
// one that took less, the host may be to blame.
const computing = 500 * time.Millisecond

// explainBreak returns the evaluation of a file over which Node ended without an answer.
func explainBreak(end End) ecosystem.Evaluation {
	failure := func(c ecosystem.Class, format string, args ...any) ecosystem.Evaluation {
		return ecosystem.Evaluation{Failure: &ecosystem.Failure{Class: c, Message: fmt.Sprintf(format, args...)}}
	}
	starved := end.Starved || strings.Contains(end.Stderr, "heap out of memory") || strings.Contains(end.Stderr, "Cannot allocate memory")
	switch {
	case starved:
		return failure(ecosystem.TooLarge, "loading the file takes more than %d MiB", Memory>>20)
	case end.Flooded:
		return failure(ecosystem.TooLarge, "loading the file prints more than %d MiB", MostOutput>>20)
	case end.Late && end.Spent >= computing:
		return failure(ecosystem.TooSlow, "loading the file takes longer than %v: pm2 hangs with it", Within)
	case end.Late:
		return ecosystem.Evaluation{Unsupported: fmt.Sprintf("more time than Node was given: it waited, and computed for %v in %v", end.Spent.Round(time.Millisecond), Within)}
	}
	return failure(ecosystem.Thrown, "the file ends the process that loads it, with code %d", end.Code)
}

// buildEvaluation returns what the answer says of the file.
func (a answer) buildEvaluation(req ecosystem.Request, entry string, at Place) ecosystem.Evaluation {
	out := ecosystem.Evaluation{ESM: a.ESM, Open: a.Open, Effects: a.Effects, Files: a.Files, Unsupported: a.Unsupported}
	for _, r := range a.Reads {
		if !slices.Contains(out.Reads, r) {
			out.Reads = append(out.Reads, r)
		}
	}
	slices.Sort(out.Files)
	out.Files = slices.Compact(out.Files)
	switch {
	case a.Unsupported != "":
		out.Line, out.Col = a.Line, a.Col
	case a.Error != nil:
		out.Failure = a.Error.buildFailure(entry, req.Source)
		if m := out.Failure.Module; m != "" && at.Only() != "" && existsAbove(at.Only(), m) {
			out.Failure, out.Unsupported = nil, fmt.Sprintf("the module %s, which lies outside of the project %s (--with-node=host has it)", m, at.Only())
		}
	default:
		if a.Value != nil {
			out.Value = *a.Value
		} else {
			out.Value = ecosystem.Value{Kind: ecosystem.Null}
		}
		if config, rejected := ecosystem.ConfigOf(out.Value); rejected == nil {
			out.Positions, out.Repeated = sandbox.Locate(string(req.Source), req.Dialect, config)
		}
	}
	out.Node = true
	return out
}

// existsAbove reports whether the host has the module in a node_modules above the folder.
func existsAbove(dir, module string) bool {
	if strings.HasPrefix(module, ".") || filepath.IsAbs(module) {
		return false
	}
	for dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
		if hasFile(filepath.Join(dir, "node_modules", module)) {
			return true
		}
	}
	return false
}

// thrown is what the file has thrown.
type thrown struct {
	Text   string `json:"text"`
	Code   string `json:"code"`
	Syntax bool   `json:"syntax"`
	Exit   bool   `json:"exit"`
	Large  bool   `json:"large"`
	Line   int    `json:"line"`
	Col    int    `json:"col"`
	YAML   *struct {
		Line int `json:"line"`
		Col  int `json:"col"`
	} `json:"yaml"`
}

// buildFailure returns what a rule is told of what was thrown.
func (e thrown) buildFailure(entry string, source []byte) *ecosystem.Failure {
	text, _, _ := strings.Cut(e.Text, "\n")
	f := &ecosystem.Failure{Class: ecosystem.Thrown, Message: text, Line: e.Line, Col: e.Col}
	missing := missingModule.FindStringSubmatch(text)
	scope := notInESM.FindStringIndex(text)
	switch {
	case strings.HasSuffix(text, "Array buffer allocation failed"):
		f.Class, f.Message = ecosystem.TooLarge, fmt.Sprintf("loading the file takes more than %d MiB", Memory>>20)
	case e.Large:
		f.Class = ecosystem.TooLarge
	case e.Exit:
	case e.YAML != nil:
		f.Class, f.Line, f.Col = ecosystem.Syntax, e.YAML.Line, e.YAML.Col
	case e.Code == "ERR_REQUIRE_ESM":
		f.Class = ecosystem.ESMRequired
	case e.Code == "ERR_REQUIRE_ASYNC_MODULE":
		f.Class = ecosystem.TopLevelAwait
		if f.Line == 0 {
			f.Line, f.Col = findLine(source, await)
		}
	case (e.Code == "MODULE_NOT_FOUND" || e.Code == "ERR_MODULE_NOT_FOUND") && missing != nil:
		f.Class, f.Module = ecosystem.MissingModule, missing[1]
		if rel, err := filepath.Rel(filepath.Dir(entry), f.Module); err == nil && e.Code == "ERR_MODULE_NOT_FOUND" {
			f.Module = "./" + rel // Node names the file that it looked for, and not what was imported
		}
		if f.Line == 0 {
			f.Line, f.Col = findLine(source, regexp.MustCompile("[\"'`]"+regexp.QuoteMeta(f.Module)+"[\"'`]"))
		}
	case scope != nil:
		f.Class, f.Message = ecosystem.CommonJSInESM, text[:scope[1]]
	case e.Syntax:
		f.Class = ecosystem.Syntax
	}
	f.Message = cmp.Or(f.Message, "an error without a text")
	return f
}
