package validate

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// input is a file to look at.
type input struct {
	path   string
	source []byte
}

// largestConfig is how large a configuration may be.
const largestConfig = 4 << 20

func (v *Validation) readFiles(c cli.Call, names []string) ([]input, error) {
	if v.Stdin {
		source, err := io.ReadAll(io.LimitReader(c.Stdin, largestConfig+1))
		if err != nil {
			return nil, fmt.Errorf("cannot read stdin: %w", err)
		}
		return []input{{v.name, source}}, checkSize(v.name, len(source))
	}
	var out []input
	for _, name := range names {
		info, err := os.Stat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("there is no file %s", name)
		case err != nil:
			return nil, fmt.Errorf("cannot look at %s: %w", name, err)
		case info.IsDir():
			found, leftOut, err := FindConfigs(name, v.Rehearse == nil)
			if err != nil {
				return nil, err
			}
			v.leftOut += leftOut
			for _, f := range found {
				if out, err = ReadInput(out, f); err != nil {
					return nil, err
				}
			}
		default:
			if out, err = ReadInput(out, name); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// ReadInput appends a file, if it is a regular one and no larger than a configuration may be.
func ReadInput(all []input, name string) ([]input, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("cannot look at %s: %w", name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	if err := checkSize(name, int(info.Size())); err != nil {
		return nil, err
	}
	source, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", name, err)
	}
	return append(all, input{name, source}), nil
}

func checkSize(name string, n int) error {
	if n > largestConfig {
		return fmt.Errorf("%s has more than %d MiB: no configuration has", name, largestConfig>>20)
	}
	return nil
}

// isSkipped reports whether a folder of that name holds other people's configurations.
func isSkipped(name string) bool {
	return name == "node_modules" || name == ".git" || backups.MatchString(name)
}

// backups are names of folders of old copies.
var backups = regexp.MustCompile(`(?i)^([\w-]*-)?backups?(-[\w-]*)?$|^_?archived?$`)

// mentions is a list of apps in a file whose name says nothing.
var mentions = regexp.MustCompile(`(?s)\b(?:apps|pm2)["']?\s*[:=].*\b(?:script|exec|exec_mode)["']?\s*:`)

// calling is how a program loads PM2 to call it: such a one is no configuration.
var calling = regexp.MustCompile(`\b(?:require\(\s*|from\s+)["']pm2["']`)

// largestGuess is how large a file may be, in bytes, whose text is looked at for apps.
const largestGuess = 256 << 10

// FindConfigs returns the files in a folder, and if deep in all folders within it, that people
// hand to PM2: by their names, and of the other names that PM2 takes those that list apps.
// leftOut counts the folders that are not looked into.
func FindConfigs(dir string, deep bool) (found []string, leftOut int, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil && path != dir:
			leftOut++
			return fs.SkipDir
		case err != nil:
			return err
		case e.IsDir() && path != dir && !deep:
			return fs.SkipDir
		case e.IsDir() && path != dir && isSkipped(e.Name()):
			leftOut++
			return fs.SkipDir
		case !e.IsDir() && isConfig(path, e):
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("cannot look into %s: %w", dir, err)
	}
	if len(found) == 0 {
		return nil, leftOut, fmt.Errorf("there is no ecosystem file in %s: PM2 knows *.config.js, .config.cjs, .config.mjs, .json, .yml and .yaml", dir)
	}
	return found, leftOut, nil
}

// isConfig reports whether people hand the file to PM2. A link to one counts.
func isConfig(path string, e fs.DirEntry) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	switch {
	case isTest(e.Name()) || isLog(e.Name()):
		return false
	case isConfigName(e.Name()) && ecosystem.DialectOf(strings.ToLower(e.Name())) == ecosystem.Module:
		return true
	case !isConfigName(e.Name()) && ecosystem.DialectOf(strings.ToLower(e.Name())) == ecosystem.App:
		return false
	}
	info, err := e.Info()
	if err != nil || info.Size() > largestGuess && !isConfigName(e.Name()) || info.Size() > largestConfig {
		return err == nil && isConfigName(e.Name()) // which is then refused for its size
	}
	text, err := os.ReadFile(path)
	return err == nil && isConfigText(path, text)
}

// isTest reports whether a file tests a configuration: ecosystem.config.test.ts.
func isTest(file string) bool {
	_, rest, _ := strings.Cut(strings.ToLower(file), ".")
	return strings.Contains(rest, "test.") || strings.Contains(rest, "spec.")
}

// isLog reports whether a file is a log of JSON lines, whose name PM2 would take.
func isLog(file string) bool { return strings.Contains(strings.ToLower(file), ".jsonl") }

// isConfigName reports whether a file's name alone tells that people hand it to PM2.
func isConfigName(file string) bool {
	name := strings.ToLower(file)
	stem, _, _ := strings.Cut(name, ".")
	known := strings.HasPrefix(stem, "ecosystem") || strings.HasPrefix(stem, "pm2") || stem == "process" || stem == "processes"
	if known && slices.Contains([]string{".js", ".cjs", ".mjs", ".json", ".yml", ".yaml", ".ts", ".cts", ".mts"}, filepath.Ext(name)) {
		return true
	}
	return known && ecosystem.DialectOf(name) != ecosystem.App // ecosystem.config.js.bak
}

// settings are keys of PM2's, which a file has if it is a configuration: other programs, too,
// have a process.yml, an ecosystem.json or an ecosystem.ts.
var settings = regexp.MustCompile(`\b(apps|pm2|script|exec|exec_mode|deploy)["']?\s*:`)

// isConfigText reports whether people hand a file of that name and text to PM2.
func isConfigText(path string, text []byte) bool {
	name := filepath.Base(path)
	if isTest(name) || isLog(name) {
		return false
	}
	dialect := ecosystem.DialectOf(strings.ToLower(name))
	switch {
	case !isConfigName(name):
		return dialect != ecosystem.App && len(text) <= largestGuess && mentions.Match(text)
	case len(text) == 0 || dialect == ecosystem.Module:
		return true
	case dialect == ecosystem.App:
		return mentions.Match(text) && !calling.Match(text)
	}
	return settings.Match(text)
}
