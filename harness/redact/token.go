package redact

import (
	"math"
	"regexp"
	"strings"
)

// keyBlocks are private keys over several lines, or with \n for the ends of lines. One
// that is cut off goes to the end of the text.
var keyBlocks = regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]*(?:PRIVATE KEY|PGP MESSAGE|PRIVATE KEY BLOCK)[A-Z ]*-----(?:.*?-----END [A-Z0-9 ]*-----|.*$)`)

// puttyKey is a key of PuTTY.
var puttyKey = regexp.MustCompile(`(?s)(Private-Lines: \d+\r?\n)[^\[].*?(?:Private-MAC: \w+|$)`)

func dropKeys(s string) string {
	if strings.Contains(s, "-----BEGIN ") {
		s = keyBlocks.ReplaceAllString(s, Mark)
	}
	if strings.Contains(s, "Private-Lines:") {
		s = puttyKey.ReplaceAllString(s, "${1}"+Mark)
	}
	return s
}

// vendor is a form of token: a prefix, and the least length of what follows.
type vendor struct {
	prefix string
	least  int
	apart  bool // nothing alphanumeric may stand before it
}

// vendors are the forms of tokens that vendors document, and of hashes of passwords.
var vendors = []vendor{
	{"AKIA", 12, true}, {"ASIA", 12, true}, {"ABIA", 12, true}, {"ACCA", 12, true}, {"AROA", 12, true}, {"AIDA", 12, true},
	{"ghp_", 12, false}, {"gho_", 12, false}, {"ghu_", 12, false}, {"ghs_", 12, false}, {"ghr_", 12, false}, {"github_pat_", 12, false},
	{"glpat-", 10, false}, {"gldt-", 10, false}, {"glrt-", 10, false}, {"glcbt-", 10, false}, {"glptt-", 10, false}, {"glft-", 10, false}, {"glsoat-", 10, false}, {"glagent-", 10, false}, {"GR1348941", 10, false},
	{"xoxb-", 8, false}, {"xoxa-", 8, false}, {"xoxp-", 8, false}, {"xoxr-", 8, false}, {"xoxs-", 8, false}, {"xoxe-", 8, false}, {"xoxe.", 8, false}, {"xoxc-", 8, false}, {"xoxd-", 8, false}, {"xapp-", 8, false},
	{"sk_live_", 8, false}, {"sk_test_", 8, false}, {"rk_live_", 8, false}, {"rk_test_", 8, false}, {"pk_live_", 8, false}, {"whsec_", 8, false}, {"rzp_live_", 8, false}, {"rzp_test_", 8, false},
	{"AIza", 20, true}, {"ya29.", 10, true}, {"GOCSPX-", 10, false}, {"1//0", 20, true}, {"npm_", 20, true}, {"pypi-", 16, true}, {"SG.", 16, true},
	{"dop_v1_", 10, false}, {"doo_v1_", 10, false}, {"dor_v1_", 10, false}, {"sk-ant-", 8, false}, {"sk-proj-", 8, false}, {"sk-svcacct-", 8, false}, {"sk-or-", 12, true}, {"sk-", 20, true}, {"hf_", 16, true}, {"HRKU-", 10, false},
	{"shpat_", 10, false}, {"shpss_", 10, false}, {"shpca_", 10, false}, {"shppa_", 10, false}, {"sq0atp-", 10, false}, {"sq0csp-", 10, false}, {"EAAA", 24, true}, {"EAAC", 24, true}, {"lin_api_", 10, false}, {"ntn_", 16, true}, {"figd_", 10, false},
	{"dckr_pat_", 10, false}, {"pat-na1-", 10, true}, {"pat-eu1-", 10, true}, {"key-", 24, true}, {"NRAK-", 10, false}, {"NRJS-", 10, false}, {"NRII-", 10, false}, {"dapi", 24, true}, {"dp.pt.", 10, true}, {"dp.st.", 10, true}, {"hvs.", 10, true}, {"hvb.", 10, true}, {"hvr.", 10, true},
	{"AGE-SECRET-KEY-1", 10, false}, {"PMAK-", 10, false}, {"rubygems_", 10, false}, {"CFPAT-", 10, false}, {"sl.", 40, true}, {"ATATT3x", 10, false}, {"ATBB", 16, true}, {"ATCTT3x", 10, false}, {"pscale_", 12, false}, {"sbp_", 16, true}, {"r8_", 20, true}, {"gsk_", 16, true}, {"pplx-", 16, true}, {"xai-", 16, true},
	{"FlyV1 ", 16, true}, {"fm1_", 16, true}, {"fm2_", 16, true}, {"fo1_", 16, true}, {"re_", 20, true}, {"phx_", 16, true}, {"sntrys_", 10, false}, {"sntryu_", 10, false}, {"rnd_", 16, true}, {"nfp_", 16, true}, {"glsa_", 10, false}, {"glc_", 16, true}, {"LTAI", 12, true}, {"AKID", 16, true},
	{"tskey-", 8, false}, {"ops_", 20, true}, {"EZAK", 20, true}, {"EZTK", 20, true}, {"xkeysib-", 10, false}, {"oy2", 30, true}, {"shippo_live_", 10, false}, {"duffel_live_", 10, false}, {"PRIVATE-", 16, true}, {"secret_", 20, true}, {"eyJ", 16, false}, {"eyI", 16, true}, {"v1.public.", 20, true}, {"SK", 30, true}, {"AC", 30, true},
	{"$2a$", 20, false}, {"$2b$", 20, false}, {"$2y$", 20, false}, {"$argon2", 16, false}, {"$apr1$", 10, false}, {"$1$", 16, false}, {"$5$", 16, false}, {"$6$", 16, false}, {"$y$", 16, false}, {"$pbkdf2", 16, false}, {"$scrypt$", 16, false}, {"{SSHA}", 16, false}, {"SCRAM-SHA-256$", 16, false},
}

// byFirst are the vendors by the first byte of their prefix.
var byFirst = func() (by [256][]vendor) {
	for _, v := range vendors {
		by[v.prefix[0]] = append(by[v.prefix[0]], v)
	}
	return by
}()

// dropTokens replaces tokens of vendors and random strings.
func dropTokens(s string) string {
	var spans []span
	for i := 0; i < len(s); i++ {
		if n := measureVendorToken(s, i); n > 0 {
			spans = append(spans, span{i, i + n})
			i += n - 1
		}
	}
	s = replaceSpans(s, spans)
	spans = nil
	for i := 0; i < len(s); {
		if !isRunByte(s[i]) {
			i++
			continue
		}
		end := i + 1
		for end < len(s) && isRunByte(s[end]) {
			end++
		}
		spans = append(spans, findRandom(s, i, end)...)
		i = end
	}
	s = replaceSpans(s, spans)
	if strings.IndexByte(s, ':') >= 0 {
		s = telegram.ReplaceAllString(s, Mark)
	}
	if strings.Contains(s, "pm2 ") {
		s = pm2Link.ReplaceAllString(s, "${1}"+Mark)
	}
	if hasOne(s, "SETUSER ", "setuser ") {
		s = redisUser.ReplaceAllStringFunc(s, func(command string) string {
			return redisPassword.ReplaceAllString(command, "${1}"+Mark)
		})
	}
	s = dropCards(s)
	return discord.ReplaceAllString(s, Mark)
}

var (
	telegram  = regexp.MustCompile(`\b\d{8,10}:[A-Za-z0-9_-]{32,}`)
	pm2Link   = regexp.MustCompile(`(\bpm2 (?:link|interact|register) +)[\w-]{12,}(?: +[\w-]+)?`) // its keys
	redisUser = regexp.MustCompile(`(?i)\bACL\s+SETUSER\s+[^\r\n]*`)
	// redisPassword is one of a Redis user: >password, <password, #hash, !hash.
	redisPassword = regexp.MustCompile(`([\s"'][><#!])[^\s"'\[=][^\s"']*`)

	discord = regexp.MustCompile(`\b[MNO][\w-]{22,27}\.[\w-]{5,7}\.[\w-]{25,}`)
)

// measureVendorToken returns the length of a vendor's token at i, 0 if there is none.
func measureVendorToken(s string, i int) int {
	for _, v := range byFirst[s[i]] {
		if !strings.HasPrefix(s[i:], v.prefix) || v.apart && !canBegin(s, i) {
			continue
		}
		end := i + len(v.prefix)
		for end < len(s) && isTokenByte(s[end]) {
			end++
		}
		for end > i+len(v.prefix) && (s[end-1] == '.' || s[end-1] == '/') {
			end--
		}
		body := s[i+len(v.prefix) : end]
		clipped := strings.HasPrefix(s[end:], cutMark)
		if len(body) >= v.least && (!v.apart || isTokenLike(body)) || clipped && len(body) >= 4 {
			return end - i
		}
	}
	return 0
}

// isTokenLike reports whether what follows a short prefix is no word.
func isTokenLike(s string) bool {
	return strings.ContainsAny(s, "0123456789") || strings.ToLower(s) != s && strings.ToUpper(s) != s
}

func isTokenByte(c byte) bool {
	return isRunByte(c) || c == '.' || c == '$' || c == '%'
}

func isRunByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '+' || c == '/' || c == '='
}

// canBegin reports whether a token may begin at i: behind a blank, a mark, an escape.
func canBegin(s string, i int) bool {
	if i == 0 || !isAlphanumeric(s[i-1]) {
		return true
	}
	return i >= 2 && s[i-2] == '\\' || i >= 3 && s[i-3] == '%'
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// minRandom is the least length of a random string that is told from words, in bytes.
const minRandom = 16

var (
	uuid    = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
	hexOnly = regexp.MustCompile(`^[0-9a-fA-F]+$`)
)

// findRandom returns the random strings in a run of bytes of tokens: the whole, or, where
// it is a path or an assignment, parts of it.
func findRandom(s string, from, to int) []span {
	if to-from < minRandom {
		return nil
	}
	run := s[from:to]
	start := 0
	for start < len(run) && strings.IndexByte("/+=-_", run[start]) >= 0 {
		start++
	}
	isPath := start > 0 && run[0] == '/' || from > 0 && strings.IndexByte(".~@", s[from-1]) >= 0 || to < len(s) && s[to] == '.' || strings.Count(run, "/") > 2 && len(run) < 40
	core := strings.TrimRight(run[start:], "-_/")
	if !isPath && !strings.Contains(strings.TrimRight(core, "="), "=") && isRandom(core) {
		return []span{{from + start, from + start + len(core)}}
	}
	var out []span
	at := from
	for _, part := range strings.FieldsFunc(run, func(c rune) bool { return c == '/' || c == '=' }) {
		at += strings.Index(s[at:to], part)
		if isRandom(part) {
			out = append(out, span{at, at + len(part)})
		}
		at += len(part)
	}
	return out
}

// isRandom reports whether a string looks drawn by chance: digits and letters change
// often, and few come twice, or its letters do not follow each other as in words. Words,
// names in camelCase, UUIDs and short hashes do not.
func isRandom(s string) bool {
	switch {
	case len(s) < minRandom || uuid.MatchString(s):
		return false
	case hexOnly.MatchString(s):
		return len(s) >= 32 && !isAllDigits(s)
	}
	var kinds [4]int // lower, upper, digits, others
	changes, pairs := 0, 0
	last := -1
	for i := range len(s) {
		k := classifyByte(s[i])
		kinds[k]++
		if last >= 0 && k != 3 && last != 3 {
			pairs++
			if k != last && !(last == 1 && k == 0) {
				changes++
			}
		}
		last = k
	}
	if pairs == 0 || kinds[3]*5 > len(s) {
		return false
	}
	often := float64(changes) / float64(pairs)
	switch {
	case isStrange(s) && computeEntropy(s) >= 3, kinds[1]+kinds[2] == len(s) && kinds[2] >= 2 && kinds[1] >= 8 && computeEntropy(s) >= 3: // base32
		return true
	case len(s) == 40 && kinds[0] >= 5 && kinds[1] >= 5 && kinds[3] <= 4 && kinds[2]+kinds[3] > 0 && !strings.ContainsAny(s, "-_"): // AWS
		return computeEntropy(s) >= 4.2
	case kinds[2] >= 2 && kinds[0] >= 2 && kinds[1] >= 2:
		return often >= 0.25 && computeEntropy(s) >= 3.3
	case kinds[2] >= 3:
		return len(s) >= 20 && often >= 0.25 && computeEntropy(s) >= 3.2
	case kinds[2] <= 1 && kinds[0] >= 4 && kinds[1] >= 4:
		return len(s) >= 20 && often >= 0.3 && computeEntropy(s) >= 3.5
	}
	return false
}

func classifyByte(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return 0
	case c >= 'A' && c <= 'Z':
		return 1
	case c >= '0' && c <= '9':
		return 2
	}
	return 3
}

// computeEntropy returns the entropy of a string's bytes, in bits for each (Shannon).
func computeEntropy(s string) float64 {
	var counts [256]int
	for i := range len(s) {
		counts[s[i]]++
	}
	sum := 0.0
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(len(s))
			sum -= p * math.Log2(p)
		}
	}
	return sum
}
