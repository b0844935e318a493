package remedy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// AuditSize is how much of the audit log is kept. 0 stands for the default.
type AuditSize struct {
	Bytes int64 // size at which the file is put aside as FILE.1, FILE.1 as FILE.2, and so on
	Keep  int   // files that are kept beside the one that is written
}

// defaultAudit is some 40 MB on disk.
var defaultAudit = AuditSize{Bytes: 8 << 20, Keep: 4}

// audited is a line of the audit file: what was said, and what tells a stranger the story of
// an incident besides. Lines of one incident have its key, which its alerts have too.
type audited struct {
	Time      time.Time `json:"time"` // by the wall clock
	Host      string    `json:"host"` // name of this machine
	Namespace string    `json:"namespace,omitempty"`
	App       string    `json:"app,omitempty"`
	detail
	engine.Line
}

// detail is what the audit file has beside a line.
type detail struct {
	Key        string  `json:"incident_key,omitempty"`
	Confidence float64 `json:"confidence,omitempty"` // of a diagnosis, 0..1
	Human      string  `json:"human,omitempty"`      // of a diagnosis: what people must change
	Command    string  `json:"command,omitempty"`    // of an action: how it is carried out
	Took       float64 `json:"took,omitempty"`       // of an action that has ended: seconds
	Event      string  `json:"event,omitempty"`      // of a line about the engine itself
	Approve    string  `json:"approve,omitempty"`    // of an action that people may permit: the key
}

// audit appends a line to the audit file. A dry run has none.
func (n *notes) audit(a audited) error {
	if n.folder == nil {
		return nil
	}
	a.Time, a.Host = time.Now().UTC(), n.host
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("cannot encode a line for the audit file: %w", err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	f, err := n.openAudit()
	if err != nil {
		return fmt.Errorf("cannot open the audit file: %w", err)
	}
	defer f.Close()
	_, err = f.Write(append(text, '\n'))
	return err
}

// openAudit opens the audit file, a new one where it has grown too long. The caller holds
// n.mu.
func (n *notes) openAudit() (*os.File, error) {
	const flags = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	f, err := n.folder.Open(auditFile, flags)
	if err != nil {
		return nil, err
	}
	size := n.kept
	if size.Bytes <= 0 {
		size.Bytes = defaultAudit.Bytes
	}
	if size.Keep <= 0 {
		size.Keep = defaultAudit.Keep
	}
	info, err := f.Stat()
	if err != nil || info.Size() <= size.Bytes {
		return f, err
	}
	_ = f.Close() // nothing was written
	for i := size.Keep; i > 0; i-- {
		if err := n.folder.Rename(buildAuditName(i-1), buildAuditName(i)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return n.folder.Open(auditFile, flags)
}

// buildAuditName returns the name of the audit file after it was put aside i times.
func buildAuditName(i int) string {
	if i == 0 {
		return auditFile
	}
	return auditFile + "." + strconv.Itoa(i)
}
