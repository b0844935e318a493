package rehearse

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/validate"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/load"
)

// flagsOf are flags of a rehearsal that ask for this request.
func flagsOf(method, body string, headers ...string) *Flags {
	return &Flags{On: true, path: "/", longPath: "/report", rate: 50, request: requestFlags{method: method, body: body, headers: headers, streams: 10}}
}

// TestRequest: method and body go with the requests for the path, headers with all; the command
// and the report have no value that may be a secret.
func TestRequest(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "h")
	if err := os.WriteFile(file, []byte("X-Api-Key: q7Xk9\r\n\r\nAccept: text/html\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := flagsOf("POST", `{"item":1}`, "content-type: application/json", "authorization: Bearer s3cr3t", "@"+file)
	if wrong := f.Wrong(&validate.Validation{Format: "human"}, []string{"."}); wrong != "" {
		t.Fatal(wrong)
	}
	lanes := map[string]load.Asks{}
	for _, l := range f.lanes() {
		lanes[l.Name] = l.Asks
	}
	for _, name := range []string{evidence.LaneShort, evidence.LaneKeepAlive, evidence.LaneLong} {
		a := lanes[name]
		if a.Headers["Authorization"] != "Bearer s3cr3t" || a.Headers["X-Api-Key"] != "q7Xk9" || a.Headers["Accept"] != "text/html" || len(a.Headers) != 4 {
			t.Errorf("%s has the headers %v", name, a.Headers)
		}
		if long := name == evidence.LaneLong; long != (a.Method == "") || long != (a.Body == "") {
			t.Errorf("%s is %s with %q", name, a.Method, a.Body)
		}
	}
	st := rehearsalRun{rehearsal: *f}
	shown := strings.Join(st.listFlags(""), " ")
	for _, q := range f.requested() {
		shown += " " + q.Lane + " " + q.Method + " " + strings.Join(q.Headers, ",")
	}
	for _, want := range []string{"--method POST", "--header 'content-type: application/json'", "--header @" + file, "short POST", "long GET", "X-Api-Key: [redacted]", "Content-Type: application/json"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not shown in %s", want, shown)
		}
	}
	if strings.Contains(shown, "s3cr3t") || strings.Contains(shown, "q7Xk9") {
		t.Errorf("a secret is shown: %s", shown)
	}
}

// TestWrongRequest: what cannot be sent is refused before anything is started, by the flag's
// name and without a header's value.
func TestWrongRequest(t *testing.T) {
	large := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(large, make([]byte, mostBody+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		f    *Flags
		want string
	}{
		{flagsOf("post", ""), "in capitals"},
		{flagsOf("", "x"), "method GET has no body"},
		{flagsOf("POST", "@/no/such/file"), "--body @/no/such/file: there is no such file"},
		{flagsOf("POST", "@"+large), "more than 1 MiB"},
		{flagsOf("", "", "hidden5"), "--header has no colon"},
		{flagsOf("", "", "X-A: hidden5", "x-a: y"), "--header X-A is given twice"},
		{flagsOf("", "", "Host: hidden5"), "the generator's own"},
		{flagsOf("", "", "X A: hidden5"), `header "X A"`},
		{flagsOf("", "", "@/no/such/file"), "--header @/no/such/file"},
		{&Flags{request: requestFlags{method: "POST"}}, "--websocket-path go with --rehearse"},
	} {
		got := c.f.Wrong(&validate.Validation{Format: "human"}, []string{"."})
		if !strings.Contains(got, c.want) || strings.Contains(got, "hidden5") {
			t.Errorf("%+v: %q, want %q", c.f.request, got, c.want)
		}
	}
}
