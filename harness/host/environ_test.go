package host

import (
	"os/exec"
	"testing"
)

// TestWithVariableAmidExec: a process that replaces its program again and again is found
// each time. The kernel shows it without an environment in between.
func TestWithVariableAmidExec(t *testing.T) {
	const name = "HOST_TEST_AMID_EXEC"
	// Each round is an exec of the same process; it goes on until it is killed.
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `exec sh -c "$ROUND"`)
	cmd.Env = append(cmd.Environ(), name+"=here", `ROUND=exec sh -c "$ROUND"`)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // it was killed
	})
	for range 2000 {
		env, err := readEnviron(cmd.Process.Pid)
		if err != nil || len(env) == 0 {
			t.Fatalf("environment %q (%v)", env, err)
		}
	}
	found, err := WithVariable(name)
	if err != nil || found[cmd.Process.Pid] != "here" {
		t.Errorf("%v (%v)", found, err)
	}
}
