package render

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report"
)

// TestHostTable: a host's row counts the drills that were held there, and says why it was
// lost; a run without named hosts has no table.
func TestHostTable(t *testing.T) {
	on := func(host string) report.Drill {
		return report.Drill{Record: &evidence.Record{Header: evidence.Header{Scenario: "s", Host: host}}}
	}
	r := report.Report{Drills: []report.Drill{on("tcp://a:1"), on("tcp://a:1"), {}, on("tcp://c:1")}}
	if rows := HostTable(report.DigestOf(r)).Rows; rows != nil {
		t.Errorf("rows without hosts: %v", rows)
	}
	r.Run.Hosts = []report.RunHost{{Address: "tcp://a:1", Places: 2}, {Address: "tcp://b:1", Places: 4, Lost: "it burns"}, {Address: "tcp://c:1", Places: 1}}
	table := HostTable(report.DigestOf(r))
	for i, want := range []string{"tcp://a:1 2 2 no", "tcp://b:1 4 0 it burns", "tcp://c:1 1 1 no"} {
		row := table.Rows[i]
		if got := fmt.Sprint(row[0].Text, " ", row[1].Text, " ", row[3].Text, " ", row[6].Text); got != want {
			t.Errorf("row %d: %s, want %s", i, got, want)
		}
	}
	if !strings.Contains(table.Notes[0].Text, "went to the others") {
		t.Errorf("the note: %s", table.Notes[0].Text)
	}
	r.Run.Hosts[1].Lost = ""
	if note := HostTable(report.DigestOf(r)).Notes[0].Text; strings.Contains(note, "lost") {
		t.Errorf("nothing is lost, and the note says %s", note)
	}
}
