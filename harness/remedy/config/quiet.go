package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Quiet is a time of the day in which the engine may do less.
type Quiet struct {
	From   string      `yaml:"from"` // such as 22:00
	To     string      `yaml:"to"`   // on the next day if it is not after From
	Days   []string    `yaml:"days"` // on which it begins, such as mon; none for each
	Zone   string      `yaml:"zone"` // "" for the host's
	Policy plan.Policy `yaml:"policy"`

	zone *time.Location
}

// load finds the time zone.
func (q *Quiet) load() error {
	q.zone = time.Local
	if q.Zone == "" {
		return nil
	}
	zone, err := time.LoadLocation(q.Zone)
	if err != nil {
		return fmt.Errorf("this host knows no time zone %q: write it like Europe/Berlin", q.Zone)
	}
	q.zone = zone
	return nil
}

// holds reports whether it is quiet at a time: from From on, until before To.
func (q Quiet) holds(now time.Time) bool {
	now = now.In(q.zone)
	clock, day := now.Format("15:04"), now
	within := q.From <= clock && clock < q.To
	if q.To <= q.From {
		within = q.From <= clock || clock < q.To
		if clock < q.To {
			day = now.AddDate(0, 0, -1) // it began yesterday
		}
	}
	name := strings.ToLower(day.Weekday().String()[:3])
	return within && (len(q.Days) == 0 || slices.Contains(q.Days, name))
}

// AtMost returns the most that may be done at a time; "" where no hour bounds it.
func (f File) AtMost(now time.Time) plan.Policy {
	var most plan.Policy
	for _, q := range f.QuietHours {
		if !q.holds(now) {
			continue
		}
		p := q.Policy
		if p == "" {
			p = plan.PolicyAsk
		}
		most = plan.Stricter(p, most)
	}
	return most
}
