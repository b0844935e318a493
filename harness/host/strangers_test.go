package host

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestStrangers: a process of another user is one where it shares the network
// namespace, and none where it is seen to have another.
func TestStrangers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to run a process as another user")
	}
	nobody := &syscall.Credential{Uid: 65534, Gid: 65534}
	for _, tc := range []struct {
		name string
		attr syscall.SysProcAttr
		want bool
	}{
		{"root", syscall.SysProcAttr{}, false},
		{"another user", syscall.SysProcAttr{Credential: nobody}, true},
		{"another user, elsewhere", syscall.SysProcAttr{Credential: nobody, Cloneflags: syscall.CLONE_NEWNET}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cmd := exec.Command("sleep", "60")
			cmd.Dir, cmd.SysProcAttr = "/", &tc.attr
			if err := cmd.Start(); err != nil {
				t.Skipf("cannot run it: %v", err)
			}
			defer func() {
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
			}()
			who, err := Strangers(os.Getpid())
			if err != nil {
				t.Fatal(err)
			}
			if got := slices.Contains(who, fmt.Sprintf("process %d (uid 65534)", cmd.Process.Pid)); got != tc.want {
				t.Errorf("named: %v, want %v (%v)", got, tc.want, who)
			}
			if tc.attr.Cloneflags != 0 {
				if _, err := Strangers(cmd.Process.Pid); err == nil || !strings.Contains(err.Error(), "another network namespace") {
					t.Errorf("of a process elsewhere: %v", err)
				}
			}
		})
	}
}

func TestSeesAll(t *testing.T) {
	const line = "22 26 0:20 / /proc rw,nosuid,nodev,noexec,relatime shared:5 - proc proc "
	for options, ok := range map[string]bool{
		"rw": true, "rw,hidepid=0": true, "rw,hidepid=off": true,
		"rw,hidepid=2": false, "rw,gid=4,hidepid=invisible": false, "rw,hidepid=noaccess": false, "rw,hidepid=ptraceable": false,
	} {
		file := filepath.Join(t.TempDir(), "mountinfo")
		text := "21 26 0:19 / /sys rw shared:6 - sysfs sysfs rw,hidepid=2\n" + line + options + "\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := checkProcMount(file); (err == nil) != ok {
			t.Errorf("%s: %v", options, err)
		}
	}
}
