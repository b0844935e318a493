package lint

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

const topLevel = ecosystem.TopLevel

// Subject is a file that is looked at.
type Subject struct {
	Path     string // as given
	Source   []byte
	Dialect  ecosystem.Dialect
	Target   ecosystem.Target
	Loaded   ecosystem.Evaluation
	Config   ecosystem.Config
	Rejected *ecosystem.Rejection // why PM2 does nothing with it; nil if it does
	Default  bool                 // Config is of the default export, which PM2 does not see
	Apps     []App
	Disk     Disk

	project project
}

// Disk is what rules ask of the files beside the configuration.
type Disk interface {
	ecosystem.Files
	Exists(name string) bool   // an absolute path
	Names(dir string) []string // of what is in a directory, by its absolute path; 1000 at most
}

// Host is this host's disk.
type Host struct{}

// Exists reports whether anything stands at the path.
func (Host) Exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// hasFile reports whether anything exists at the path, as far as there is a disk to ask.
func (s *Subject) hasFile(name string) bool { return s.Disk != nil && s.Disk.Exists(name) }

// App is one app of the file.
type App struct {
	Index    int
	Name     string
	Raw      ecosystem.Value // as the file has it
	Ready    ecosystem.Value // as PM2 has it once it has checked it; without what it refuses
	Rejected *ecosystem.Rejection
	Plan     ecosystem.Prepared // how PM2 would start it
	of       *Subject
}

// NewSubject takes a file that was evaluated apart into its apps.
func NewSubject(req ecosystem.Request, loaded ecosystem.Evaluation, disk Disk) *Subject {
	s := &Subject{Path: req.Path, Source: req.Source, Dialect: req.Dialect, Target: req.Target, Loaded: loaded, Disk: disk}
	if loaded.Failure != nil || loaded.Unsupported != "" {
		return s
	}
	s.Config, s.Rejected = ecosystem.ConfigOf(loaded.Value)
	if s.Rejected != nil {
		return s
	}
	if v, ok := loaded.ByDefault(s.Config); ok {
		s.Default = true
		s.Config, s.Rejected = ecosystem.ConfigOf(v)
	}
	_, s.Rejected = ecosystem.Verify(s.Config.Apps, s.Target)
	for i, raw := range s.Config.Apps {
		s.Apps = append(s.Apps, s.newApp(i, raw))
	}
	return s
}

// getFiles returns the disk for the model of a start, nil where there is none.
func (s *Subject) getFiles() ecosystem.Files {
	if s.Disk == nil {
		return nil
	}
	return s.Disk
}

func (s *Subject) newApp(i int, raw ecosystem.Value) App {
	a := App{Index: i, Raw: raw, of: s}
	ready, rejected := ecosystem.Verify([]ecosystem.Value{raw}, s.Target)
	a.Rejected = rejected
	if rejected != nil && !rejected.Threw { // the other keys have rules, too
		rest := raw.Copy()
		for _, key := range rejected.Keys {
			rest.Delete(a.findSpelling(key))
		}
		ready, rejected = ecosystem.Verify([]ecosystem.Value{rest}, s.Target)
	}
	if rejected == nil {
		a.Ready = ready[0]
		a.Plan = ecosystem.Prepare(a.Ready, s.Target, s.getFiles())
	}
	if name := a.Ready.Get("name"); name.Is(ecosystem.String) {
		a.Name = name.Text
	} else if name := raw.Get("name"); name.Is(ecosystem.String) {
		a.Name = name.Text
	}
	return a
}

// findDir returns the directory of the file.
func (s *Subject) findDir() string {
	if filepath.IsAbs(s.Path) {
		return filepath.Dir(s.Path)
	}
	return filepath.Dir(filepath.Join(s.Target.Cwd, s.Path))
}

// has reports whether the file gives the app the key, by whatever name.
func (a App) has(key string) bool {
	_, ok := a.getExact(a.findSpelling(key))
	return ok
}

// findSpelling returns the name by which the file gives the app a key: the key itself or
// an alias; the key itself if the file does not have it. A key within another, such as
// env.PORT, stays as it is.
func (a App) findSpelling(key string) string {
	if a.Raw.Has(key) || strings.Contains(key, ".") {
		return key
	}
	if s, ok := ecosystem.SettingOf(key); ok {
		for _, alias := range s.AllAliases() {
			if a.Raw.Has(alias) {
				return alias
			}
		}
	}
	return key
}

// getExact returns what the file gives the app under exactly that name.
func (a App) getExact(name string) (ecosystem.Value, bool) {
	if a.Raw.Has(name) {
		return a.Raw.Get(name), true
	}
	if outer, inner, ok := strings.Cut(name, "."); ok && a.Raw.Get(outer).Has(inner) {
		return a.Raw.Get(outer).Get(inner), true
	}
	return ecosystem.Value{}, false
}

// getRaw returns what the file gives the app for the key, by whatever name.
func (a App) getRaw(key string) ecosystem.Value {
	v, _ := a.getExact(a.findSpelling(key))
	return v
}

// getNumber returns the number that PM2 has for the key, false if it has none.
func (a App) getNumber(key string) (float64, bool) {
	v := a.Ready.Get(key)
	return v.Num, v.Is(ecosystem.Number)
}

// getNumberOr returns the number that PM2 has for the key, or else otherwise: what PM2
// takes where the file does not have it.
func (a App) getNumberOr(key string, otherwise float64) float64 {
	if n, ok := a.getNumber(key); ok {
		return n
	}
	return otherwise
}

// is reports whether PM2 has true for the key.
func (a App) is(key string) bool { return a.Ready.Get(key).True }

// getText returns the string that PM2 has for the key, "" if it has none.
func (a App) getText(key string) string {
	if v := a.Ready.Get(key); v.Is(ecosystem.String) {
		return v.Text
	}
	return ""
}

// listTexts returns the strings that PM2 has for the key, one or many.
func (a App) listTexts(key string) []string {
	v := a.Ready.Get(key)
	if v.Is(ecosystem.String) {
		return []string{v.Text}
	}
	var out []string
	for _, x := range v.Items {
		out = append(out, x.String())
	}
	return out
}

// hasManyWorkers reports whether the app is a cluster of several workers.
func (a App) hasManyWorkers() bool { return a.Plan.Cluster && a.Plan.Workers > 1 }

// isWatched reports whether PM2 restarts the app when files change.
func (a App) isWatched() bool { return a.Ready.Get("watch").Truthy() }

// buildEnv returns what the file gives the app's environment, overlaid with that of
// --env.
func (a App) buildEnv() ecosystem.Value {
	out := ecosystem.Value{Kind: ecosystem.Object}
	for _, key := range a.listEnvKeys() {
		for _, f := range a.Raw.Get(key).Fields {
			out.Set(f.Key, f.Value)
		}
	}
	return out
}

func (a App) listEnvKeys() []string {
	keys := []string{"env"}
	if a.of.Target.Env != "" {
		keys = append(keys, ecosystem.EnvPrefix+a.of.Target.Env)
	}
	return keys
}

// listEnvs returns all environments that the file gives the app: env and each env_NAME.
// One that --env does not name, and whose variables all have names in small letters, is a
// setting of some other program that happens to begin with env_.
func (a App) listEnvs() []string {
	var out []string
	for _, f := range a.Raw.Fields {
		chosen := slices.Contains(a.listEnvKeys(), f.Key)
		if !f.Value.Is(ecosystem.Object) || !chosen && !strings.HasPrefix(f.Key, ecosystem.EnvPrefix) {
			continue
		}
		if chosen || knownEnv.MatchString(f.Key) || slices.ContainsFunc(f.Value.Fields, func(x ecosystem.Field) bool { return strings.ToLower(x.Key) != x.Key }) {
			out = append(out, f.Key)
		}
	}
	return out
}

var knownEnv = regexp.MustCompile(`^env_(prod|dev|stag|test|local|qa|uat|preview|live|sandbox|demo|ci)`)

// isProduction reports whether the app says of itself that it is in production, in the
// environment that applies or in any that --env could choose.
func (a App) isProduction() bool {
	return slices.ContainsFunc(a.listEnvs(), func(key string) bool { return a.Raw.Get(key).Get("NODE_ENV").Text == "production" })
}

// getScript returns what the app runs, as the file has it.
func (a App) getScript() string {
	for _, key := range []string{"script", "exec", "cmd", "command"} {
		if v := a.Raw.Get(key); v.Is(ecosystem.String) && v.Text != "" {
			return v.Text
		}
	}
	return ""
}

// isLiteral reports whether the text is in the file as it is.
func (a App) isLiteral(text string) bool { return bytes.Contains(a.of.Source, []byte(text)) }

// joinPath returns a path of an app's, absolute.
func joinPath(dir, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

// getBase returns the last part of a path.
func getBase(name string) string { return filepath.Base(name) }
