package redact

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// maxFile bounds a file of settings that is read, in bytes.
const maxFile = 256 << 10

// LearnHost learns the secrets that a host with PM2 is known to hold: the environments and
// arguments in PM2's list (as its RPC method getMonitorData returns it), in its dump and
// in the settings of its modules, and the files beside its processes that hold settings
// (LearnFolder). What cannot be read is left out. Files are read, never written.
func (r *Redactor) LearnHost(home string, list []byte) {
	var rows []any
	if json.Unmarshal(list, &rows) == nil {
		r.learnSettings("", rows)
	}
	for _, name := range []string{"dump.pm2", "module_conf.json"} {
		var doc any
		if json.Unmarshal(r.readSmall(filepath.Join(home, name)), &doc) != nil {
			continue
		}
		switch doc := doc.(type) {
		case map[string]any: // of modules
			r.learnValues(doc)
		case []any: // of apps
			r.learnSettings("", doc)
			rows = append(rows, doc...)
		}
	}
	for _, dir := range listDirectories(rows) {
		r.LearnFolder(dir)
	}
	for _, name := range listVariableFiles(rows, home) {
		r.LearnVariables(Dotenv(string(r.readSmall(name))))
	}
}

// readSmall reads a regular file, and no symbolic link; nothing of one that cannot be read,
// nor of one that has been read before and has not changed: workers that die in a loop have
// the files looked at with each new process.
func (r *Redactor) readSmall(name string) []byte {
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	r.mu.Lock()
	seen := r.files[name]
	if r.files == nil {
		r.files = map[string]string{}
	}
	state := info.ModTime().String() + strconv.FormatInt(info.Size(), 10)
	r.files[name] = state
	r.mu.Unlock()
	if seen == state {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil
	}
	return text
}

// LearnTree learns the secrets in an evaluated configuration of PM2, as encoding/json would
// have decoded it.
func (r *Redactor) LearnTree(tree any) { r.learnSettings("", tree) }

// learnSettings learns what of PM2's settings of processes is a secret: values of env,
// env_NAME and of names of variables (PM2 has each variable beside its own settings once
// more), arguments, and what stands in URLs.
func (r *Redactor) learnSettings(key string, v any) {
	switch v := v.(type) {
	case []any:
		if isArguments(key) {
			r.LearnArguments(selectTexts(v))
			return
		}
		for _, x := range v {
			r.learnSettings(key, x)
		}
	case map[string]any:
		if key == "env" || strings.HasPrefix(key, "env_") || key == "deploy" {
			r.learnValues(v)
			return
		}
		for name, x := range v {
			r.learnSettings(name, x)
		}
	case string:
		switch {
		case isArguments(key):
			r.LearnArguments(splitShellWords(v))
		case strings.ToUpper(key) == key || Secret(key):
			r.LearnVariables(map[string]string{key: v})
		case strings.Contains(v, "://"):
			r.learn(listURLSecrets(v))
		}
	}
}

// learnValues takes every text in a tree for the value of the variable that its key names.
func (r *Redactor) learnValues(tree map[string]any) {
	for name, v := range tree {
		switch v := v.(type) {
		case string:
			r.LearnVariables(map[string]string{name: v})
		case map[string]any:
			r.learnValues(v)
		case []any:
			for _, x := range v {
				r.learnValues(map[string]any{name: x})
			}
		case float64, bool:
			text, err := json.Marshal(v)
			if err == nil {
				r.LearnVariables(map[string]string{name: string(text)})
			}
		}
	}
}

func isArguments(key string) bool {
	switch key {
	case "args", "node_args", "nodeArgs", "interpreter_args", "exec_args", "execArgv", "script_args", "cwd_args":
		return true
	}
	return false
}

func selectTexts(list []any) []string {
	var out []string
	for _, x := range list {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// listDirectories returns the working directories of PM2's processes.
func listDirectories(rows []any) []string {
	seen := map[string]bool{}
	var out []string
	for _, row := range rows {
		fields, _ := row.(map[string]any)
		env, ok := fields["pm2_env"].(map[string]any)
		if !ok { // of the dump
			env = fields
		}
		dir, _ := env["pm_cwd"].(string)
		script, _ := env["pm_exec_path"].(string)
		for _, d := range []string{dir, filepath.Dir(script), filepath.Dir(filepath.Dir(script))} {
			if filepath.IsAbs(d) && d != "/" && !seen[d] {
				seen[d] = true
				out = append(out, d)
			}
		}
	}
	return out
}
