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
		Why:    "PM2 knows a configuration by its name alone: one that has .json, .yml, .yaml, .config.js, .config.cjs or .config.mjs in it. It starts any other file as an app: the configuration is run once, exits, is run again, and `pm2 ls` shows it under its own name, online at first, while none of the real apps runs.",
		Fix:    "Call it ecosystem.config.js, or .cjs or .mjs; write one in TypeScript as JavaScript.",
		Source: "lib/Common.js:242, lib/API.js:327",
		File: func(s *Subject) []Finding {
			if s.Dialect != ecosystem.App {
				return nil
			}
			if beside := s.takenInstead(); beside != "" {
				return one(s.says("", "PM2 reads no configuration from %s; %s stands beside it.", base(s.Path), beside).as(Info).fix("Nothing, if pm2 is given %s.", beside))
			}
			f := s.says("", "`pm2 start %s` runs this file as an app; PM2 reads no configuration from it.", base(s.Path))
			if otherManager.Match(s.Source) {
				return one(f.as(Info).fix("Nothing, if bm2 reads it."))
			}
			if typescript.MatchString(base(s.Path)) {
				return one(f.fix("PM2 reads no TypeScript: write it as JavaScript, in %s.", renamed(s.Path, ".cjs")))
			}
			return one(f.fix("Rename it to %s.", renamed(s.Path, "")))
		},
	}
}

// otherManager is a name of bm2, which reads configurations of the same shape, and in
// TypeScript too.
var otherManager = regexp.MustCompile(`\bbm2\b`)

// takenInstead is the configuration beside the file that PM2 takes, "" if there is none.
func (s *Subject) takenInstead() string {
	stem, _, _ := strings.Cut(base(s.Path), ".")
	for _, ext := range []string{".config.js", ".config.cjs", ".config.mjs", ".json", ".yml", ".yaml"} {
		if s.exists(joined(s.dir(), stem+ext)) {
			return stem + ext
		}
	}
	return ""
}

var typescript = regexp.MustCompile(`\.[cm]?tsx?$`)

// renamed is the file's name as a configuration, with that extension, "" for its own.
func renamed(path, ext string) string {
	name := base(path)
	stem, own := name, ""
	if dot := strings.LastIndex(name, "."); dot > 0 {
		stem, own = name[:dot], name[dot:]
	}
	stem = strings.TrimSuffix(stem, ".config")
	if ext == "" {
		ext = own
	}
	return stem + ".config" + ext
}
