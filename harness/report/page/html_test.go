package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

func TestHTMLKeepsTextText(t *testing.T) {
	page := rendered(t, reporttest.EvilSample())
	if n := strings.Count(page, "<script"); n != 2+3 {
		t.Errorf("%d script elements, want the data, that of 3 drills, and the page's own", n)
	}
	if strings.Contains(page, "<img") || strings.Contains(page, `<script>document.title`) {
		t.Error("somebody else's markup stands in the page")
	}
	data := regexp.MustCompile(`(?s)id="data">(.*?)</script>`).FindStringSubmatch(page)
	if data == nil || !json.Valid([]byte(data[1])) {
		t.Fatal("the page's data is not JSON")
	}
	carried := false
	for _, drill := range regexp.MustCompile(`application/gzip" id="data-[^"<>]*">([A-Za-z0-9+/=]*)</script>`).FindAllStringSubmatch(page, -1) {
		carried = carried || strings.Contains(reporttest.Unpacked(t, drill[1]), `\u003c/script\u003e`)
	}
	if !carried {
		t.Error("the data does not carry the log line")
	}
}

// TestHTMLFetchesNothing holds the page to being one file.
func TestHTMLFetchesNothing(t *testing.T) {
	page := rendered(t, reporttest.KeptSample())
	if m := regexp.MustCompile(`(?i)(src=|@import|url\(['"]?[^#'"]|<link|https?://[^w])`).FindString(page); m != "" {
		t.Errorf("the page refers to something outside: %q", m)
	}
	if !strings.Contains(page, "default-src &#39;none&#39;") {
		t.Error("the page's policy lets it fetch")
	}
}

func TestHTMLIsDeterministic(t *testing.T) {
	first := rendered(t, reporttest.BrokenSample())
	for range 5 {
		if rendered(t, reporttest.BrokenSample()) != first {
			t.Fatal("the same run makes two different pages")
		}
	}
}

// TestForemost: what the fault has cost gives way to what anybody else has.
func TestForemost(t *testing.T) {
	loss := func(id, cause string) promise.Loss {
		return promise.Loss{Request: evidence.Request{ID: id}, Cause: cause}
	}
	all := []promise.Loss{loss("a", promise.ByFault), loss("b", promise.ByFault), loss("c", promise.ByEngine), loss("d", promise.ByFault), loss("e", promise.ByUnknown)}
	for n, want := range map[int]string{5: "abcde", 4: "abce", 2: "ce", 1: "c", 9: "abcde"} {
		got := ""
		for _, l := range Foremost(all, n) {
			got += l.Request.ID
		}
		if got != want {
			t.Errorf("the foremost %d are %s, want %s", n, got, want)
		}
	}
}

// TestPercentiles: by nearest rank, from due to done.
func TestPercentiles(t *testing.T) {
	var took []time.Duration
	for i := range 200 {
		took = append(took, time.Duration(200-i)*time.Millisecond)
	}
	got := fmt.Sprint(computePercentiles(map[int][]time.Duration{7: took, 2: {1234567}}))
	if want := "[[2 1.2 1.2] [7 100 198]]"; got != want {
		t.Errorf("percentiles %s, want %s", got, want)
	}
}

func rendered(t *testing.T, r report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, report.DigestOf(r)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestKeysAreUniqueAndSafe(t *testing.T) {
	r := report.Report{Drills: []report.Drill{{Scenario: "../../etc", Arm: "engine"}, {Scenario: "a b", Arm: "engine"}, {Scenario: "a b", Arm: "engine"}}}
	if got, want := fmt.Sprint(r.Keys("-")), "[------etc-engine a-b-engine a-b-engine-2]"; got != want {
		t.Errorf("keys %s, want %s", got, want)
	}
}
