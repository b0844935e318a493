package rehearse

import (
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/session"
)

// TestCommandOfAnAct: the command that rehearses one act again names that act alone.
func TestCommandOfAnAct(t *testing.T) {
	s := session.Session{Flags: session.Flags{Command: "validate", Names: []string{"my app"}, Node: "26", PM2: "7"}}
	st := rehearsalRun{Session: s}
	st.rehearsal.path, st.rehearsal.acts, st.Env = "/", "reload,scale", "production"
	if got := st.formatCommand("scale"); !strings.Contains(got, "--acts scale --env production") || strings.Contains(got, "reload") {
		t.Errorf("one act again: %q", got)
	}
}
