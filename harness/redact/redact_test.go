package redact

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestTexts goes through testdata/*.txt. A line "KIND | SECRET... | TEXT" says that no
// SECRET (they are apart by " ~ ") may be left of TEXT; "keep | WORDS | TEXT" that WORDS
// must. \n in a TEXT is the end of a line.
func TestTexts(t *testing.T) {
	for _, file := range []string{"testdata/secrets.txt", "testdata/kept.txt"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			line = strings.TrimRight(line, "\n")
			kind, rest, ok := strings.Cut(line, " | ")
			words, text, ok2 := strings.Cut(rest, " | ")
			if !ok || !ok2 || strings.HasPrefix(line, "#") {
				continue
			}
			text = strings.ReplaceAll(text, "⏎", "\n")
			got := Text(text)
			for w := range strings.SplitSeq(words, " ~ ") {
				w = strings.ReplaceAll(w, "⏎", "\n")
				if !strings.Contains(text, w) {
					t.Errorf("%s: %q is not in %q", file, w, text)
				}
				if strings.Contains(got, w) != (kind == "keep") {
					t.Errorf("%s: %q of %q: got %q", kind, w, text, got)
				}
			}
			if again := Text(got); again != got {
				t.Errorf("%q becomes %q and then %q", text, got, again)
			}
		}
	}
}

// TestTimeIsLinear: eight times the text takes no more than some eight times as long,
// whatever it is made of. Bounds are wide: machines are busy.
func TestTimeIsLinear(t *testing.T) {
	for _, unit := range []string{
		"a", "password=", "password: ", "//", "://a:", "a:b@", "\"password\":\"", "\\\"", "{[", "token='", "-----BEGIN PRIVATE KEY-----", "eyJ", "aB3", "--password ", "/?a=", "secret ", "env: {", "[redacted]",
		"https://u:p", "…", "'", "user:pass@host ", "-p ", "mysql -pa ", "password: |\n ", "%3A%2F%2F", `:\/\/`, "password\n", "Cookie: ", "Password=a b;", "name: token value: ", "a:5432:a:a:", "&quot;", "password&#x3D;", "password:\n- a\n", "\"\"\"", "value=a name=token ", "insert into a (token) values ('x') ", "name=\"token\"\n\n", "pm2 link ", "password | ",
	} {
		took := func(n int) time.Duration {
			s := strings.Repeat(unit, n/len(unit))
			r := new(Redactor)
			r.LearnVariables(map[string]string{"A": "aaaaaaaaaaaaaaaaaaaab", "B": strings.Repeat(unit, 20) + "x"})
			at := time.Now()
			r.Text(s)
			return time.Since(at)
		}
		if short, long := took(8<<10), took(64<<10); long > 40*short+2*time.Second {
			t.Errorf("%q: 8 KB take %s, 64 KB %s", unit, short, long)
		}
	}
	line := strings.Repeat(`{"level":50,"msg":"connect ECONNREFUSED 127.0.0.1:6379","password":"hunter2","n":17} at f (/srv/app/x.js:1:2) `, 1<<20/110)
	at := time.Now()
	if clean := Text(line); strings.Contains(clean, "hunter2") {
		t.Error("a secret is left")
	}
	t.Logf("a megabyte of log lines takes %s", time.Since(at))
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"password=hunter2", "a://b:c@d", `{"token":"x"}`, "token=[redacted]x", "…ghp_abc…", "Authorization: Bearer x\n", "secret 'a", "env: {a:'", "https://[redacted]@h/?[redacted]#", `\"pass\": \"x\"`, "&quot;token&quot;: x&#34;", "password&#99;&#34;a1", "password:\n - a1\n - b2\n", "password | a1", `password="""a"""`, "value: 'x', name: token", "insert into a (pin) values ('1', 2)"} {
		f.Add(s)
	}
	r := new(Redactor)
	r.LearnVariables(map[string]string{"K": "s3cr3t-value", "DB_PASS": "abcd", "U": "postgres://u:pa/ss@h/db"})
	f.Fuzz(func(t *testing.T, s string) {
		once, _ := r.Text(s)
		if twice, _ := r.Text(once); twice != once {
			t.Errorf("%q becomes %q and then %q", s, once, twice)
		}
		if strings.Contains(once, "s3cr3t-value") {
			t.Errorf("%q becomes %q", s, once)
		}
	})
}
