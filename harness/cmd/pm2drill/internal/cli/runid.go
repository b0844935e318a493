package cli

import (
	"fmt"
	"time"
)

// RunID names a run by its start, so that folders sort.
func RunID(t time.Time, seed int64) string {
	return fmt.Sprintf("%s-%04x", t.UTC().Format("20060102-150405"), seed&0xffff)
}
