package redact

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// How surely a name's value is a secret.
const (
	none   = iota
	group  // env, args: what stands in braces or brackets behind it
	weak   // token, auth, session: also what a log calls its part ("auth: connect ECONNREFUSED")
	strong // password, api_key, session_id
	header // Authorization, Cookie: all the rest of the line
)

// gradeName says how surely the value of a name is a secret: a variable, a property, an
// option, a field of a form, a header.
func gradeName(name string) int {
	if len(name) < 2 {
		return none
	}
	low := strings.ToLower(strings.TrimLeft(name, "-_.$"))
	switch low {
	case "authorization", "proxy-authorization", "cookie", "set-cookie", "set-cookie2", "x-authorization", "x-forwarded-authorization", "www-authorization":
		return header
	case "env", "environ", "environment", "args", "argv", "spawnargs", "execargv", "exec_args", "node_args", "interpreter_args", "nodeargs", "variables", "envvars", "rawheaders":
		return group
	}
	if strings.HasPrefix(low, "env_") {
		return group
	}
	words := splitWords(strings.TrimLeft(name, "-_.$"))
	if len(words) == 0 {
		return none
	}
	last := words[len(words)-1]
	if slices.Contains(ordinaryEnds, last) {
		return none
	}
	at := none
	for i, w := range words {
		if slices.Contains(counters, w) {
			return none
		}
		g := gradeWord(w)
		if i > 0 && g < strong {
			g = max(g, secretWords[words[i-1]+w]) // seed phrase
		}
		switch {
		case g == strong:
			return strong
		case g == weak && (i == len(words)-1 && len(words) > 1 || slices.Contains(carriers, last) || strings.HasPrefix(low, "x-")):
			return strong
		case g == weak:
			at = weak
		}
	}
	if at == none && (last == "key" || last == "keys") && len(words) > 1 && !slices.Contains(openKeys, words[len(words)-2]) {
		return strong
	}
	return at
}

// ordinaryEnds are words that make a name one of an error, a file or a count.
var ordinaryEnds = []string{"error", "exception", "warning", "failed", "failure", "invalid", "expired", "required", "missing", "js", "ts", "mjs", "cjs", "jsx", "tsx", "json", "service", "store", "module", "controller", "middleware", "handler", "count", "length", "size", "limit", "max", "min", "ttl", "timeout", "age", "enabled", "disabled", "policy", "provider", "strategy", "type", "method", "manager", "factory"}

// counters are words that make a name one of a number: max_tokens, total_sessions.
var counters = []string{"max", "min", "total", "num", "used", "remaining", "usage", "per", "prompt", "completion"}

// carriers are words that hold what the word before them names.
var carriers = []string{"id", "key", "keys", "value", "hash", "base", "data", "string", "secret", "text", "code", "header", "b64", "hex", "json", "pem", "private", "signed", "encoded", "url", "uri"}

// openKeys are words before "key" that name no secret.
var openKeys = []string{"primary", "foreign", "cache", "partition", "public", "sort", "index", "row", "group", "routing", "object", "hot", "dedupe", "unique", "composite", "idempotency", "column", "map", "lookup", "join", "shard", "message", "event", "registry", "duplicate", "the", "no", "unknown", "missing", "invalid"}

func gradeWord(w string) int {
	switch g := secretWords[w]; {
	case g != none:
		return g
	case len(w) < 5:
		return none
	}
	for _, part := range secretParts {
		if strings.Contains(w, part) {
			return strong
		}
	}
	for _, end := range []string{"pwd", "dsn"} {
		if strings.HasSuffix(w, end) {
			return strong
		}
	}
	switch whose, ok := strings.CutSuffix(w, "pass"); {
	case ok && slices.Contains(passOf, whose):
		return strong
	case strings.HasSuffix(w, "token"):
		return weak
	}
	return none
}

// secretWords are the words of names whose values are secrets.
var secretWords = func() map[string]int {
	out := map[string]int{}
	for _, w := range strings.Fields("pass pw pwd pword passkey passkeys cred creds dsn jwt mnemonic otp totp pin cvv cvc iban ssn connstr psk seedphrase recoveryphrase pgpass requirepass masterauth webhook authkey " +
		"kennwort passwort geheimnis senha contrasena contraseña wachtwoord motdepasse hasło heslo parola şifre lösenord salasana adgangskode jelszó ключ секрет токен 口令 密钥 密鑰 암호") {
		out[w] = strong
	}
	for _, w := range strings.Fields("token tokens auth oauth authorization bearer cookie cookies session sid sess jsessionid phpsessid salt pepper signing signature sig hmac private csrf xsrf nonce license licence verifier assertion saml ticket") {
		out[w] = weak
	}
	return out
}()

// secretParts are the same, written together with other words: dbpassword.
var secretParts = strings.Fields("password passwd passphrase passcode secret credential apikey apitoken accesskey privatekey signingkey encryptionkey masterkey sharedkey accountkey accesstoken refreshtoken sessiontoken sessionid authtoken idtoken bearertoken connectionstring пароль 密码 密碼 パスワード 비밀번호")

// passOf are words that stand before "pass" in one word: smtppass, but not bypass.
var passOf = strings.Fields("db my pg sql smtp ftp user redis mongo mail admin root ldap mq bind sa app imap proxy http ssh key store cert rds")

// splitWords splits a name at its punctuation, digits and humps: DB_PASS, dbPass,
// db-pass.
func splitWords(name string) []string {
	var words []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
			word = nil
		}
	}
	runes := []rune(name)
	for i, c := range runes {
		switch {
		case !unicode.IsLetter(c):
			end()
			continue
		case unicode.IsUpper(c) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsUpper(runes[i-1]) && unicode.IsLower(runes[i+1])):
			end()
		}
		word = append(word, c)
	}
	end()
	return words
}

// Secret reports whether a variable's or a setting's name says that its value is a secret.
func Secret(name string) bool {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	return gradeName(name) >= weak
}

func isName(s string) bool { return plainName.MatchString(s) }

var plainName = regexp.MustCompile(`^[A-Za-z_][\w.-]*$`)
