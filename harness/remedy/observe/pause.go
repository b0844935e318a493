package observe

import (
	"os"
	"path/filepath"
)

// KillSwitch is the file in PM2_HOME that forbids every action while it exists.
const KillSwitch = "pm2drill-engine.off"

// isPaused reports whether the kill switch is on.
func isPaused(home string) bool {
	_, err := os.Lstat(filepath.Join(home, KillSwitch))
	return err == nil
}
