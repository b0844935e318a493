package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/redact"
)

func e001() Rule {
	return Rule{
		ID: "E001", Severity: Warning,
		Title:  "a secret in the file",
		Why:    "What stands in the file is in the repository, in PM2's dump file, and in the output of `pm2 env` and `pm2 jlist`, for everybody who may run them.",
		Fix:    "Take it from the environment of the host: process.env.NAME, or a file that is not in the repository and that the app reads.",
		Source: "lib/API.js (dump), lib/God/ActionMethods.js",
		Apps: func(a App) []Finding {
			var out []Finding
			for _, env := range a.listEnvs() {
				for _, f := range a.Raw.Get(env).Fields {
					key := env + "." + f.Key
					if f.Value.Is(ecosystem.String) && len(f.Value.Text) > 3 && !public.MatchString(f.Key) && isConfidential(f) && a.isLiteral(f.Value.Text) {
						found := a.report(key, "%s has its value in the file.", f.Key)
						if a.isDefault(f.Value.Text) {
							found = a.report(key, "%s has a default in the file, which the app takes where the host gives it none.", f.Key).setSeverity(Info).setFix("Nothing, if every host gives it a value; else no default, so that what is missing is seen.")
						}
						if placeholders.MatchString(f.Value.Text) || a.isToReplace(f.Value.Text) {
							found = a.report(key, "%s has a placeholder in the file.", f.Key).setSeverity(Info).setFix("Nothing, if each host puts its own value in its place; the app does not know that this one is none.")
						}
						if a.of.template() {
							found = found.setSeverity(Info).setFix("Nothing, if the value is one to be replaced in the copy.")
						}
						if runs := a.Raw.Get(env).Get("NODE_ENV").Text; a.isDevelopment() || runs != "production" && forDevelopers.MatchString(runs) {
							found = found.setSeverity(Info).setFix("Nothing, if it is good for nothing but a developer's machine.")
						}
						out = append(out, found)
					}
				}
			}
			return out
		},
	}
}

// isConfidential reports whether a variable holds a secret: one is in its value, or its
// name says so and does not say, after that, what about the secret it is.
func isConfidential(f ecosystem.Field) bool {
	if redact.Text(f.Value.Text) != f.Value.Text {
		return true
	}
	if filePath.MatchString(f.Value.Text) {
		return false // where the secret is
	}
	return redact.Secret(f.Key) && (!about.MatchString(f.Key) || hooks.MatchString(f.Key)) && !slices.Contains([]string{"true", "false", "none", "null"}, strings.ToLower(f.Value.Text))
}

// filePath is the path of a file with an extension.
var filePath = regexp.MustCompile(`^(\.{0,2}/|~/|[A-Za-z]:\\)[^\s:@]*\.(json|pem|key|crt|p12|pfx|txt|ya?ml|env)$`)

// placeholders are texts that stand for a value.
var placeholders = regexp.MustCompile(`(?i)^(<.*>|\[.*\]|x{3,}|\*{3,}|\.{3,})$|^(your|my|the|some|put|insert|enter|add|replace|paste)[-_ ].*(key|token|secret|password|here|value)|[-_ ]here$|^(todo|tbd|placeholder)$|^(change|replace)[-_ ]?(me|this|it)([-_ ].*)?$`)

// isDefault reports whether the text stands in the file only behind process.env.NAME ||
// or ??, and has itself no secret's form.
func (a App) isDefault(text string) bool {
	if redact.Text(text) != text {
		return false
	}
	quoted := "[\"'`]" + regexp.QuoteMeta(text) + "[\"'`]"
	all := regexp.MustCompile(quoted).FindAllIndex(a.of.Source, -1)
	behind := regexp.MustCompile(`process\.env(?:\.\w+|\[["']\w+["']\])\s*(?:\|\||\?\?)\s*`+quoted).FindAllIndex(a.of.Source, -1)
	return len(all) > 0 && len(all) == len(behind)
}

// isToReplace reports whether every line with the text has a comment that asks for another
// value.
func (a App) isToReplace(text string) bool {
	found := 0
	for line := range strings.Lines(string(a.of.Source)) {
		_, behind, ok := strings.Cut(line, text)
		if ok && !replacing.MatchString(behind) {
			return false
		}
		if ok {
			found++
		}
	}
	return found > 0
}

// replacing is a comment that asks for another value.
var replacing = regexp.MustCompile(`(?i)(//|/\*|#).*\b(change (this|me|it)|replace|your own|set your|use your|placeholder|example only)\b`)

// hooks are names of addresses that are secrets themselves.
var hooks = regexp.MustCompile(`(?i)WEBHOOK`)

// about are endings of names that say how, where or for how long a secret is used.
var about = regexp.MustCompile(`(?i)_(URLS?|URI|ENDPOINT|PREFIX|PATH|FILE|DIR|SECONDS|SECS|MS|MINUTES|HOURS|DAYS|MODE|STRATEGY|DRIVER|STORE|PROVIDER|DOMAIN|HOST|PORT|REGION|BUCKET|ENABLED|TTL|TIMEOUT|LIFETIME|EXPIRY|EXPIRES|EXPIRES_IN|EXPIRATION|ALGORITHM|ISSUER|AUDIENCE|HEADER|TYPE|LENGTH|ROUNDS|ACCOUNT_ID)$`)

// public are variables that are no secrets whatever their names have in them: those
// that build tools write into what browsers load, the shell's own directories, and the names of OAuth clients.
var public = regexp.MustCompile(`^(NEXT_PUBLIC|NUXT_PUBLIC|VITE|REACT_APP|VUE_APP|GATSBY|EXPO_PUBLIC|PUBLIC|NG_APP|STORYBOOK)_|^(OLD)?PWD$|_CLIENT_ID$`)
