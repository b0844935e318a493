package capture

import (
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// asked is an app of which worker 0 is well, worker 1 fails, worker 2 is slow to fail and
// worker 3 answers 404, which is an answer.
func asked() []Health {
	answer := func(pid, status int) observe.Answer { return observe.Answer{PID: pid, Status: status} }
	return countAnswers([]observe.Answer{
		answer(10, 200), answer(10, 200), answer(11, 500), answer(11, 503), answer(12, 500), {PID: 12, Error: "no answer in 2s"}, answer(13, 404), {Error: "connection refused"},
		{PID: 10, Status: 200, Error: "cut off"},
	}, []observe.Worker{{ID: 0, PID: 10}, {ID: 1, PID: 11}, {ID: 2, PID: 12}, {ID: 3, PID: 13}, {ID: 4}})
}

func TestCountAnswers(t *testing.T) {
	var got []string
	for _, h := range asked() {
		got = append(got, h.String())
	}
	want := []string{"no worker known: 1 × no answer", "worker 0: 2 × 200, 1 × no answer", "worker 1: 1 × 500, 1 × 503",
		"worker 2: 1 × 500, 1 × no answer", "worker 3: 1 × 404"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

// TestSymptomAsks: a worker whose answers are failures is not said to serve.
func TestSymptomAsks(t *testing.T) {
	r := remedy.Reviewed{
		Found: []diagnose.Diagnosis{{Cause: engine.HotWorker, Subject: "worker 1"}}, Serving: []int{0, 1, 2, 3},
		Last: observe.Observation{Workers: make([]observe.Worker, 4)},
	}
	b := Bundle{Manifest: Manifest{URL: "http://127.0.0.1:3000/", Health: asked()}}
	s := b.Symptom(r)
	if s.Serving != 2 || s.Failing != 2 || s.Asked != 4 || !strings.Contains(s.String(), "2 of 4 answer the health URL with failures only, or not, 2 of 4 serve") {
		t.Errorf("%+v: %s", s, s)
	}
	b.Manifest.Health = nil
	if s := b.Symptom(r); s.Serving != 4 || strings.Contains(s.String(), "health") {
		t.Errorf("an older archive: %s", s)
	}
}

// TestCompareHealth: answers count where both sides have asked.
func TestCompareHealth(t *testing.T) {
	there := Symptom{Cause: engine.HotWorker, Workers: 4, Serving: 3, Asked: 4, Failing: 1}
	for name, c := range map[string]struct {
		here Symptom
		want Alike
	}{
		"two fail":         {Symptom{Cause: engine.HotWorker, Workers: 4, Serving: 2, Asked: 4, Failing: 2}, Same},
		"none fails":       {Symptom{Cause: engine.HotWorker, Workers: 4, Serving: 4, Asked: 4}, Another},
		"nobody has asked": {Symptom{Cause: engine.HotWorker, Workers: 4, Serving: 4}, Same},
	} {
		if got, why := Compare(there, c.here); got != c.want {
			t.Errorf("%s: %s: %s", name, got, why)
		}
	}
}

func TestReadLast(t *testing.T) {
	if o := readLast([]byte("{\"at\":1}\n{\"at\":2,\"workers\":[{\"id\":3}]}\n")); o.At != 2 || o.Workers[0].ID != 3 {
		t.Errorf("%+v", o)
	}
	if o := readLast(nil); len(o.Workers) != 0 {
		t.Errorf("of nothing: %+v", o)
	}
}
