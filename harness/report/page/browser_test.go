package page

import (
	"io"

	"github.com/pm2drill/pm2drill/harness/report"
)

func htmlOf(r report.Report) func(io.Writer) error {
	return func(w io.Writer) error { return HTML(w, report.DigestOf(r)) }
}
