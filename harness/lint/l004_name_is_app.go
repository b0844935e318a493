package lint

import (
	"regexp"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func l004() Rule {
	return Rule{
		ID: "L004", Severity: Error,
		Title:  "a name that PM2 takes for an app",
		Why:    "PM2 knows a configuration by its name alone: one that has .json, .yml, .yaml, .config.js, .config.cjs or .config.mjs in it. It starts any other file as an app: the configuration is run once, exits, is run again, and `pm2 ls` shows it under its own name, online at first, while none of the real apps runs. Where no command, script or guide of the project hands pm2 the file by that name, the finding is a warning.",
		Fix:    "Call it ecosystem.config.js, or .cjs or .mjs; write one in TypeScript as JavaScript.",
		Source: "lib/Common.js:242, lib/API.js:327",
		File: func(s *Subject) []Finding {
			if s.Dialect != ecosystem.App {
				return nil
			}
			if f, ok := s.otherwiseNamed(); ok {
				return listOne(f)
			}
			f := s.report("", "`pm2 start %s` runs this file as an app; PM2 reads no configuration from it.", getBase(s.Path))
			if !s.calls().started {
				f = f.setSeverity(Warning) // nothing here says that pm2 is given it
			}
			if program := callsPM2.FindString(string(s.Source)); program != "" {
				return listOne(s.report("", "The file is a program that calls PM2: it has %s.", program).setSeverity(Info).setFix("Nothing, if node runs it; it is no configuration."))
			}
			if otherManager.Match(s.Source) {
				return listOne(f.setSeverity(Info).setFix("Nothing, if bm2 reads it."))
			}
			if typescript.MatchString(getBase(s.Path)) {
				return listOne(f.setFix("PM2 reads no TypeScript: write it as JavaScript, in %s.", buildConfigName(s.Path, ".cjs")))
			}
			ext := ""
			if f := s.Loaded.Failure; f != nil && f.Class == ecosystem.CommonJSInESM {
				ext = ".cjs" // Node takes a .js file here for an ES module
			}
			return listOne(f.setFix("Rename it to %s.", buildConfigName(s.Path, ext)))
		},
	}
}

// otherwiseNamed is a remark instead of the error, if the project does not hand the file to
// pm2 by this name: a configuration stands beside it, or it is one to be copied.
func (s *Subject) otherwiseNamed() (Finding, bool) {
	says := func(format string, args ...any) Finding {
		return s.report("", "PM2 reads no configuration from "+getBase(s.Path)+"; "+format+".", args...).setSeverity(Info)
	}
	beside := s.findTakenInstead()
	switch calls := s.calls(); {
	case calls.started:
		return Finding{}, false
	case beside != "":
		return says("%s stands beside it", beside).setFix("Nothing, if pm2 is given %s.", beside), true
	case calls.renamed || s.template() || s.fromRoot():
		return says("it seems to be copied to another name").setFix("Nothing, if the copy's name has .config.js, .config.cjs, .config.mjs, .json, .yml or .yaml in it."), true
	case s.startsAnother():
		return says("its own text has pm2 start another name").setFix("Nothing, if it gets that name before pm2 is called."), true
	}
	return Finding{}, false
}

// callsPM2 is how a program loads PM2 to call it.
var callsPM2 = regexp.MustCompile(`\brequire\(\s*["']pm2["']\s*\)|\bfrom\s+["']pm2["']`)

// otherManager is a name of bm2, which reads configurations of the same shape, and in
// TypeScript too.
var otherManager = regexp.MustCompile(`\bbm2\b`)

// findTakenInstead returns the configuration beside the file that PM2 takes, "" if there
// is none.
func (s *Subject) findTakenInstead() string {
	stem, _, _ := strings.Cut(getBase(s.Path), ".")
	for _, ext := range []string{".config.js", ".config.cjs", ".config.mjs", ".json", ".yml", ".yaml"} {
		if s.hasFile(joinPath(s.findDir(), stem+ext)) {
			return stem + ext
		}
	}
	return ""
}

var typescript = regexp.MustCompile(`\.[cm]?tsx?$`)

// buildConfigName returns the file's name as a configuration, with that extension, "" for
// its own.
func buildConfigName(path, ext string) string {
	name := getBase(path)
	stem, own := name, ""
	if dot := strings.LastIndex(name, "."); dot > 0 {
		stem, own = name[:dot], name[dot:]
	}
	stem = strings.Replace(stem+".", ".config.", ".", 1) // ecosystem.config.prod
	stem = strings.TrimSuffix(stem, ".")
	if ext == "" {
		ext = own
	}
	return stem + ".config" + ext
}
