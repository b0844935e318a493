package capture

import (
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// loop is an app of four that dies at every start.
func loop() Symptom {
	return Symptom{Cause: engine.BootCrash, About: "Error: x", Workers: 4, Dying: 4, Holds: "nobody"}
}

func TestCompare(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Symptom)
		want   Alike
		says   string
	}{
		"the same":                   {func(*Symptom) {}, Same, "both show boot_crash.deterministic of Error: x, 4 of 4 workers die, 0 of 4 serve, nobody listens"},
		"later":                      {func(s *Symptom) { s.GaveUp = 4 }, Same, "PM2 has given up on 4"},
		"another size":               {func(s *Symptom) { s.Workers, s.Dying = 8, 7 }, Same, "7 of 8 workers die"},
		"another error":              {func(s *Symptom) { s.About = "Error: y" }, Same, "this shows boot_crash.deterministic of Error: y"},
		"no look at the port":        {func(s *Symptom) { s.Holds = "" }, Same, "the capture shows"},
		"another cause":              {func(s *Symptom) { s.Cause = engine.DependencyOutage }, Another, "they differ in the cause:"},
		"nothing found":              {func(s *Symptom) { s.Cause, s.About = "", "" }, Another, "this shows nothing that the rules know"},
		"nobody dies":                {func(s *Symptom) { s.Dying, s.Serving = 0, 4 }, Another, "whether workers die and in whether anybody serves"},
		"one is silent":              {func(s *Symptom) { s.Silent = 1 }, Another, "whether workers are silent"},
		"PM2 listens between deaths": {func(s *Symptom) { s.Holds = "PM2" }, Same, "PM2 listens"},
		"a stranger listens":         {func(s *Symptom) { s.Holds = "a process that PM2 does not own" }, Another, "who listens"},
		"the daemon is not there":    {func(s *Symptom) { *s = Symptom{} }, Unclear, "PM2 has not been seen here"},
	} {
		here := loop()
		c.change(&here)
		got, why := Compare(loop(), here)
		if got != c.want || !strings.Contains(why, c.says) {
			t.Errorf("%s: %s: %s; want %s: %s", name, got, why, c.want, c.says)
		}
	}
	late := loop()
	late.Cause, late.About, late.GaveUp = "", "", 4
	if got, why := Compare(late, loop()); got != Unclear {
		t.Errorf("a host on which all was over: %s: %s", got, why)
	}
	if got, why := Compare(Symptom{Cause: engine.DaemonDead}, loop()); got != Unclear {
		t.Errorf("a host without a daemon: %s: %s", got, why)
	}
}

func TestSymptomSaysWhoListens(t *testing.T) {
	r := remedy.Reviewed{
		Found: []diagnose.Diagnosis{{Cause: engine.PortForeign, Subject: "port 3000"}}, Dying: []int{0, 1},
		Last: observe.Observation{Daemon: observe.Daemon{PID: 10}, Workers: []observe.Worker{{ID: 0, PID: 11, GaveUp: true}, {ID: 1, PID: 12}}},
	}
	for sockets, want := range map[string]string{
		`[]`:                      "nobody",
		`[{"PID":10},{"PID":10}]`: "PM2",
		`[{"PID":12}]`:            "a worker of its own",
		`[{"PID":0}]`:             "a process that PM2 does not own",
		`[{"PID":99},{"PID":10}]`: "PM2 and a process that PM2 does not own",
		`{`:                       "",
	} {
		s := Bundle{Manifest: Manifest{URL: "http://127.0.0.1:3000/"}, Files: map[string][]byte{fileSockets: []byte(sockets)}}.Symptom(r)
		if s != (Symptom{Cause: engine.PortForeign, About: "port 3000", Workers: 2, Dying: 2, GaveUp: 1, Holds: want}) {
			t.Errorf("%s: %+v", sockets, s)
		}
	}
	if s := (Bundle{}).Symptom(r); s.Holds != "" {
		t.Errorf("without a look at the port %s listens", s.Holds)
	}
}

// TestSymptomCounts: the sentence agrees with its numbers.
func TestSymptomCounts(t *testing.T) {
	for want, s := range map[string]Symptom{
		"1 of 1 worker dies, 0 of 1 serve":                     {Workers: 1, Dying: 1},
		"1 of 4 workers dies, 1 of 4 is silent, 1 of 4 serves": {Workers: 4, Dying: 1, Silent: 1, Serving: 1},
		"2 of 4 workers die, 2 of 4 are silent, 0 of 4 serve":  {Workers: 4, Dying: 2, Silent: 2},
		"1 of 1 serves": {Workers: 1, Serving: 1},
		"0 of 4 serve, PM2 and a process that PM2 does not own listen": {Workers: 4, Holds: "PM2 and a process that PM2 does not own"},
		"1 of 1 lives": {Workers: 1, Serving: 1, Unasked: true},
		"2 of 4 live":  {Workers: 4, Serving: 2, Unasked: true},
	} {
		if got := s.String(); got != "nothing that the rules know, "+want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
