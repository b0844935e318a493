package pm2

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// TestFiles: the files that settings and arguments name are found, and PM2's own paths, lists
// of folders and URLs are not among them.
func TestFiles(t *testing.T) {
	for env, want := range map[string][]string{
		`{"DOTENV_CONFIG_PATH":"/etc/shop/.env","SETTINGS":"/run/secrets/shop"}`:                                                    {"/etc/shop/.env", "/run/secrets/shop"},
		`{"node_args":["--env-file=/etc/shop.env","-r","/opt/agent.js"],"args":["-c","/etc/shop.yml"]}`:                             {"/etc/shop.env", "/opt/agent.js", "/etc/shop.yml"},
		`{"args":"--config /etc/shop.yml"}`:                                                                                         {"/etc/shop.yml"},
		`{"NODE_OPTIONS":"--import /opt/agent.mjs --no-warnings"}`:                                                                  {"/opt/agent.mjs"},
		`{"PATH":"/usr/bin:/bin","PWD":"/srv","HOME":"/root","pm_exec_path":"/srv/a.js","LIST":"/a:/b","URL":"http://h/x","N":"7"}`: nil,
	} {
		got := parseProcess(gjson.Parse(`{"pm_id":0,"pm2_env":` + env + `}`)).Files
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", env, got, want)
		}
	}
}

// TestFilesAreNotWritten: what a row holds of variables and arguments, and a fingerprint of them,
// is in no JSON of it.
func TestFilesAreNotWritten(t *testing.T) {
	p := parseProcess(gjson.Parse(`{"pm_id":0,"pm2_env":{"NODE_OPTIONS":"--redirect-warnings=/tmp/hunter2","args":["--key","/tmp/hunter2"]}}`))
	if len(p.Files) == 0 || p.Code == 0 {
		t.Fatalf("nothing is known: %+v", p)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(text); strings.Contains(s, "hunter2") || strings.Contains(s, `"Files"`) || strings.Contains(s, `"Code"`) {
		t.Errorf("it is written: %s", s)
	}
}
