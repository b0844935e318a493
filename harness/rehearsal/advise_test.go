package rehearsal

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
)

// ruled is an act with one ruling.
func ruled(act string, p promise.Promise, v promise.Verdict) Act {
	return Act{Name: act, Rulings: []promise.Ruling{{Name: p.Name, Verdict: v, Because: "3 lost"}}}
}

// TestLosesAtEnd: a handler is called for by a sound act in which PM2 told workers to end.
func TestLosesAtEnd(t *testing.T) {
	drops, streams := promise.DropsNothing(), promise.ClosesStreams(time.Second)
	for _, c := range []struct {
		name string
		acts []Act
		want string
	}{
		{"a reload", []Act{ruled("reload", drops, promise.Broken)}, "reload: 3 lost"},
		{"streams", []Act{ruled("reload", streams, promise.Broken)}, "reload: 3 lost"},
		{"scaling down", []Act{ruled("reload", drops, promise.Kept), ruled("scale", drops, promise.Broken)}, "scale: 3 lost"},
		{"a slow start beside a good reload", []Act{ruled("reload", drops, promise.Kept), ruled("slow-start", drops, promise.Broken)}, ""},
		{"a slow start alone", []Act{ruled("slow-start", drops, promise.Broken)}, "slow-start: 3 lost"},
		{"a spoiled reload", []Act{ruled("reload", drops, promise.Inconclusive), ruled("scale", drops, promise.Kept)}, ""},
		{"another promise", []Act{ruled("reload", promise.Replaces(time.Second), promise.Broken)}, ""},
		{"a killed worker", []Act{ruled("worker-killed", drops, promise.Broken)}, ""},
	} {
		if got := LosesAtEnd(c.acts); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestStreams: each act's connections are counted by lane.
func TestStreams(t *testing.T) {
	r := &evidence.Record{StreamTallies: []evidence.StreamTally{{Lane: "events", Clients: 1}}, Streams: []evidence.Stream{
		{Lane: "events", Opened: sec, Ended: 2 * sec, End: evidence.StreamClosed}, {Lane: "websockets", Opened: sec, Ended: 2 * sec, End: evidence.StreamCut},
		{Lane: "events", Opened: 3 * sec, Ended: 4 * sec, End: evidence.StreamLeft},
	}}
	want := []report.StreamSum{{Act: "reload", Lane: "events", Clients: 1, Opened: 2, Closed: 1, Left: 1, Apart: sec}}
	if got := Streams([]Act{{Name: "reload", Record: r}}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestPatchOfNewFile: git makes the file, and refuses where there is one.
func TestPatchOfNewFile(t *testing.T) {
	patch, err := Patch("src/new.js", nil, []byte("a\nb\n"), func(string) bool { return false })
	if err != nil || !strings.HasPrefix(patch, "--- /dev/null\n+++ b/src/new.js\n") {
		t.Fatalf("%v: %s", err, patch)
	}
	if got := applied(t, "other.js", "x\n", patch+"--- a/other.js\n+++ b/other.js\n@@ -1 +1 @@\n-x\n+y\n"); got != "y\n" {
		t.Errorf("the other file is %q", got)
	}
}
