package observe

import (
	"encoding/json"
	"slices"

	"github.com/pm2drill/pm2drill/harness/host"
)

// ApprovedFile is the file in PM2_HOME with the incidents that people have approved acting
// on: a JSON list of their keys.
const ApprovedFile = "pm2drill-engine.approved.json"

// maxApproved bounds ApprovedFile, bytes.
const maxApproved = 64 << 10

// ReadApproved returns the keys in ApprovedFile. What is not this user's own file, or no
// such list, approves nothing.
func ReadApproved(folder *host.Folder) []string {
	text, err := folder.Read(ApprovedFile, maxApproved)
	if err != nil {
		return nil
	}
	var keys []string
	if json.Unmarshal(text, &keys) != nil {
		return nil
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// readApproved does the same in a PM2_HOME.
func readApproved(home string) []string {
	folder, err := host.OpenFolder(home)
	if err != nil {
		return nil
	}
	defer folder.Close()
	return ReadApproved(folder)
}
