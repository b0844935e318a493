// Package matchers lets a Ginkgo suite say what a drill must show. It is the
// only package of the harness that knows Gomega.
package matchers

import (
	"fmt"

	"github.com/onsi/gomega/types"

	"github.com/pm2drill/pm2drill/harness/promise"
)

// Show matches a promise.Ruling that is what its arm had to show: kept, or, for
// the promise that a control arm must break, broken. An inconclusive ruling
// never matches. The failure's text is the promise's sentence and the judge's
// reason.
func Show() types.GomegaMatcher { return show{} }

type show struct{}

func (show) Match(actual any) (bool, error) {
	r, ok := actual.(promise.Ruling)
	if !ok {
		return false, fmt.Errorf("cannot match %T: want a promise.Ruling", actual)
	}
	return r.Met(), nil
}

func (show) FailureMessage(actual any) string {
	r := actual.(promise.Ruling)
	return fmt.Sprintf("%s\n    is %s and had to be %s: %s", r.Promise, r.Verdict, r.Expected, r.Because)
}

func (show) NegatedFailureMessage(actual any) string {
	r := actual.(promise.Ruling)
	return fmt.Sprintf("%s\n    is %s, as it had to be: %s", r.Promise, r.Verdict, r.Because)
}
