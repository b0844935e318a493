package observe

import (
	"os"
	"path/filepath"
)

// KillSwitch is the file in PM2_HOME at whose sight the engine does nothing.
const KillSwitch = "pm2drill-engine.off"

// isPaused reports whether the operator has thrown the kill switch.
func isPaused(home string) bool {
	_, err := os.Lstat(filepath.Join(home, KillSwitch))
	return err == nil
}
