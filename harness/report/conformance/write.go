package conformance

import (
	"github.com/pm2drill/pm2drill/harness/report/folder"
)

// Names of what a gate adds to them.
const (
	fileConformance = "conformance.json"
	fileStatement   = "conformance.md"
	fileBadge       = "badge.svg"
)

// WriteGate writes the report and with it conformance.json, conformance.md and
// badge.svg, all as Write does.
func WriteGate(dir string, s Statement) error {
	return folder.WriteWith(dir, s.report, folder.File{Name: fileConformance, Write: s.JSON}, folder.File{Name: fileStatement, Write: s.Markdown}, folder.File{Name: fileBadge, Write: s.Badge})
}
