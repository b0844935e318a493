package ecosystem

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// findLauncher names the program that PM2 starts and that starts the server as a process
// of its own: "npm", "bash"; "" if PM2's process is the server. PM2 measures the memory
// of its own process only (lib/God/ActionMethods.js:71 reads one pid), so
// max_memory_restart never sees such a server. Signals reach both, for PM2 ends the whole
// tree (lib/God/Methods.js:222) unless treekill is false. by is the interpreter; args are
// the app's.
func findLauncher(by, script, file string, args []string, files Files) string {
	name := path.Base(script)
	if shell := path.Base(by); isShell(shell) {
		return findFileLauncher(shell, file, files)
	}
	if isShell(name) {
		return findShellLauncher(name, args)
	}
	if name == "tsx" || path.Base(by) == "tsx" {
		return "tsx"
	}
	return findNamedLauncher(name, args)
}

// findNamedLauncher returns the name of a program that waits for the server as its child,
// "" for another program. What replaces itself by the server (env, nice, cargo run,
// bundle exec) is none.
func findNamedLauncher(name string, args []string) string {
	name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, ".js"), ".cjs"), ".cmd"), "-cli")
	first := ""
	if len(args) > 0 {
		first = args[0]
	}
	switch {
	case childLaunchers.MatchString(name):
		return name
	case slices.Contains([]string{"go", "dotnet", "uv"}, name) && first == "run":
		return name
	case name == "env" || name == "nice" || name == "nohup":
		return findCommandLauncher(args)
	}
	return ""
}

var childLaunchers = regexp.MustCompile(`^(npm|npx|yarn|yarnpkg|pnpm|pnpx|bunx|corepack|tsx|tsnd|ts-node-dev|nodemon|concurrently|cross-env(-shell)?|dotenv|dotenvx|env-cmd|npm-run-all|run-[ps]|turbo|nx|lerna|nest|make|sudo|mvn|gradle|gradlew|xvfb-run|doppler)$`)

func isShell(name string) bool {
	return slices.Contains([]string{"sh", "bash", "dash", "zsh", "ksh", "ash"}, name)
}

// findShellLauncher returns the launcher in `bash -c COMMAND` or `bash FILE`. A shell
// replaces itself by the last command of a list in which nothing comes after it.
func findShellLauncher(shell string, args []string) string {
	i := slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, "-") && strings.HasSuffix(a, "c") })
	if i < 0 || i+1 >= len(args) {
		return shell
	}
	command := args[i+1]
	parts := strings.Split(substitution.ReplaceAllString(command, ""), "&&")
	last := strings.TrimSpace(parts[len(parts)-1])
	if strings.ContainsAny(strings.Join(parts, " "), ";|&<>()`\n") {
		if !strings.HasPrefix(last, "exec ") {
			return shell
		}
	}
	words := splitArguments(strings.TrimPrefix(last, "exec "))
	return findCommandLauncher(words)
}

// substitution is $(COMMAND), which a shell runs and waits for before the command that it
// stands in: bash 5.2 still replaces itself by the last command of the list.
var substitution = regexp.MustCompile(`\$\([^()]*\)`)

// findCommandLauncher returns the launcher in a command line without operators.
func findCommandLauncher(words []string) string {
	for len(words) > 0 && strings.Contains(words[0], "=") && !strings.HasPrefix(words[0], "-") {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	name := path.Base(words[0])
	if isShell(name) {
		return findShellLauncher(name, words[1:])
	}
	return findNamedLauncher(name, words[1:])
}

// findFileLauncher returns the launcher that a shell script is: none if it replaces
// itself by the server with exec.
func findFileLauncher(shell, file string, files Files) string {
	if files != nil {
		if head, ok := files.Head(file); ok && execs.Match(head) {
			return ""
		}
	}
	return shell
}

var execs = regexp.MustCompile(`(?m)^\s*exec\s+[^>\s]`)
