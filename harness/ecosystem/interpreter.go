package ecosystem

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// Files is what PM2 asks of the target's disk when it starts an app.
type Files interface {
	// Head returns the first bytes of the file at an absolute path, 64 KiB at most; none
	// for a directory. ok is false if nothing stands at the path.
	Head(path string) (head []byte, ok bool)
}

// builtin is the interpreter of an app that the daemon's own Node runs.
const builtin = "node"

// noInterpreter is what PM2 calls it when it runs a file as a program.
const noInterpreter = "none"

// findByExtension returns the interpreter of PM2's table (lib/API/interpreter.json), the
// same in 5.4.3, 6.0.14 and 7.0.4; "" for none. PM2 never reads the first line (#!) of a
// file.
func findByExtension(ext string) string {
	return map[string]string{
		".sh": "bash", ".py": "python", ".rb": "ruby", ".php": "php", ".pl": "perl", ".js": builtin,
		".coffee": "coffee", ".ls": "lsc", ".ts": "bun", ".tsx": "bun",
	}[ext]
}

// resolution is what PM2 runs a script with.
type resolution struct {
	interpreter string   // a name or a path; noInterpreter for a program
	assumed     bool     // the file is not here: its name decided
	nodeArgs    []string // that PM2 adds
	refused     string   // PM2's words when it does not start the app; "" if it does
}

// resolve finds the interpreter of a script as PM2 does (Common.sink.resolveInterpreter,
// lib/Common.js:415 of 7.0.4, 415 of 7.0.3, 442 of 6.0.14 and 5.4.3): the one that is
// given; else by the extension; else none for a binary file and Node for a text.
// Bun is taken to be absent from the target where Node can do its work.
func resolve(given, script, file string, explicitCluster bool, t Target, files Files) resolution {
	ext := getExtension(file)
	switch by := findByExtension(ext); {
	case strings.Contains(given, "node@"):
		return resolveOtherNode(given, explicitCluster, t)
	case given != "":
		return resolution{interpreter: given}
	case ext == ".ts" && t.PM2AtLeast("7.0.4"):
		return resolveTypeScript(t)
	case by != "":
		return resolution{interpreter: by}
	}
	binary, known := classifyContent(script, file, files)
	if binary {
		return resolution{interpreter: noInterpreter, assumed: !known}
	}
	return resolution{interpreter: builtin, assumed: !known}
}

// resolveOtherNode returns what PM2 makes of interpreter: node@VERSION, which it looks
// for in nvm's directory (lib/Common.js:365). In cluster mode PM2 does not look for it,
// finds no program of that name and does not start the app; the same without nvm.
func resolveOtherNode(given string, explicitCluster bool, t Target) resolution {
	home := t.OS["NVM_DIR"]
	if explicitCluster || home == "" {
		return resolution{interpreter: given, refused: "Interpreter " + given + " is NOT AVAILABLE in PATH"}
	}
	_, version, _ := strings.Cut(given, "@")
	return resolution{interpreter: path.Join(home, "versions/node/v"+version+"/bin/node")}
}

// resolveTypeScript returns how PM2 7.0.4 starts TypeScript where there is no bun
// (lib/Common.js:426, lib/tools/typestrip.js): by Node, with a flag where Node needs one.
// Older versions of PM2 start bun in every case.
func resolveTypeScript(t Target) resolution {
	switch {
	case t.StripsTypes():
		return resolution{interpreter: builtin}
	case t.NodeAtLeast("22.6.0"):
		return resolution{interpreter: builtin, nodeArgs: []string{"--experimental-strip-types"}}
	}
	return resolution{interpreter: "bun", refused: "TypeScript apps require bun, Node.js >= 22.18 or a custom interpreter"}
}

// getExtension returns Node's path.extname.
func getExtension(file string) string {
	name := path.Base(file)
	if dot := strings.LastIndex(name, "."); dot > 0 {
		return name[dot:]
	}
	return ""
}

// classifyContent reports whether PM2 takes a script for a binary. known is false where
// the file is not here and its name alone decides: a bare name is one of the programs on
// the target's PATH, most of which are binaries.
func classifyContent(script, file string, files Files) (binary, known bool) {
	if files != nil {
		if head, ok := files.Head(file); ok {
			return isBinary(head), true
		}
	}
	name, dir := path.Base(script), path.Dir(script)
	switch {
	case slices.Contains([]string{".mjs", ".cjs", ".jsx", ".json", ".es6"}, getExtension(file)):
		return false, true
	case path.Base(dir) == ".bin", isTextProgram(name):
		return false, false
	case !strings.Contains(script, "/") && getExtension(script) == "":
		return true, false
	}
	return slices.Contains([]string{"/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"}, dir) ||
		slices.Contains([]string{".exe", ".out", ".bin", ".jar"}, getExtension(file)) ||
		strings.Contains(script, "target/release/") || strings.Contains(script, "target/debug/"), false
}

// isTextProgram reports whether the program of that name is commonly a text that another
// program interprets.
func isTextProgram(name string) bool {
	return textPrograms.MatchString(name)
}

var textPrograms = regexp.MustCompile(`^(npm|npx|yarn|yarnpkg|pnpm|pnpx|corepack|tsx|tsnd|ts-node(-dev|-esm|-script|-transpile-only)?|nodemon|babel-node|next|nuxt|nuxi|nest|vite|remix-serve|serve|http-server|` +
	`cross-env(-shell)?|dotenv|dotenvx|env-cmd|concurrently|npm-run-all|run-[ps]|gulp|grunt|forever|supervisor|coffee|lsc|` +
	`gunicorn|uvicorn|hypercorn|celery|flask|pip3?|poetry|pipenv|streamlit|jupyter|scrapy|bundle|rails|rake|puma|composer|artisan|mvn|gradle|ant|sbt|nohup\.sh)$`)

// isBinary reports what PM2's test of a file's first 512 bytes says
// (lib/tools/isbinaryfile.js:50, the same in 5.4.3, 6.0.14 and 7.0.4): true for a zero
// byte, or more than a tenth of bytes that are neither printable nor UTF-8 of two or
// three bytes.
func isBinary(b []byte) bool {
	if len(b) > 512 {
		b = b[:512]
	}
	if len(b) >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF {
		return false
	}
	strange := 0
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c == 0:
			return true
		case (c >= 7 && c <= 14) || (c >= 32 && c <= 127):
			continue
		case c > 193 && c < 224 && i+1 < len(b):
			i++
			if isContinuation(b[i]) {
				continue
			}
		case c > 223 && c < 240 && i+2 < len(b):
			i++
			if isContinuation(b[i]) && isContinuation(b[i+1]) {
				i++
				continue
			}
		}
		strange++
		if i > 32 && strange*100 > 10*len(b) {
			return true
		}
	}
	return len(b) > 0 && strange*100 > 10*len(b)
}

// isContinuation reports whether a byte is not the first of a character in UTF-8.
func isContinuation(c byte) bool { return c > 127 && c < 192 }

// isClustered reports whether PM2 takes cluster mode for such an interpreter where only
// instances is given (Common.sink.determineExecMode): by the end of its name from 7.0.1
// on (lib/Common.js:346), by any part of its path before (lib/Common.js:346 of 7.0.0, 373
// of 6.0.14 and 5.4.3). Versions before 6.0 do not know bun.
func isClustered(interpreter string, t Target) bool {
	names := []string{"node", "bun"}
	if !t.PM2AtLeast("6.0.0") {
		names = names[:1]
	}
	return slices.ContainsFunc(names, func(name string) bool {
		if t.PM2AtLeast("7.0.1") {
			return strings.HasSuffix(path.Base(interpreter), name)
		}
		return strings.Contains(interpreter, name)
	})
}
