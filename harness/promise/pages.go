package promise

import (
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// mostReminders is how many alerts of one incident may say the same: people may be reminded of
// a symptom whose cause is not found, and a delivery that got no answer is repeated. It is also how
// many may say that something is over of which no alert has told.
const mostReminders = 3

// pages counts how often people were called, and by what.
type pages struct {
	again    map[[3]string]int // by status, symptom and fingerprint
	symptoms int               // alerts of a symptom
	strays   int               // resolved under a fingerprint that never fired
	fired    []string          // fingerprints
	most     int               // alerts of symptoms, of all together
}

// newPages returns a count that has not begun. So many alerts of symptoms are as many reminders as
// may be for each of the app's workers, and for those of an app of four where it has fewer.
func newPages(r *evidence.Record) *pages {
	return &pages{again: map[[3]string]int{}, most: mostReminders * max(4, r.Header.Workers)}
}

// count counts an alert and says by what people are flooded, "" if they are not.
func (p *pages) count(a alert, cause string) string {
	same := [3]string{a.Status, a.Symptom, a.Dedupe}
	if p.again[same]++; p.again[same] > mostReminders {
		return fmt.Sprintf("more than %d alerts say the same (%s %s%s)", mostReminders, a.Status, a.Symptom, a.Cause)
	}
	if a.Status == "resolved" {
		if !slices.Contains(p.fired, a.Dedupe) {
			p.strays++
		}
		if p.strays > mostReminders {
			return fmt.Sprintf("more than %d alerts say that something is over of which none has told (%s%s)", mostReminders, a.Symptom, a.Cause)
		}
		return ""
	}
	p.fired = append(p.fired, a.Dedupe)
	if a.isForerunner(cause) {
		p.symptoms++
	}
	if p.symptoms > p.most {
		return fmt.Sprintf("more than %d alerts tell of symptoms", p.most)
	}
	return ""
}
