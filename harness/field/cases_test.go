package field

import (
	"slices"
	"time"
)

const (
	s  = time.Second
	ms = time.Millisecond
)

// cases are all cases, in the order of the kinds of strangers' reports.
func cases() []Case {
	return slices.Concat(samples(), drivers(), loggers(), silence(), beforeTheApp(), several(), shapes(), trouble(), clients(), starts(), habits(), worded(), scarce(), others(), settings())
}

// gone is what an alert may call it when nobody serves.
const gone = `nobody serves|no worker (serves|listens|answers)|0 of \d+|none of|does not answer|unreachable|refus|health`
