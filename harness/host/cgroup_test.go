package host

import (
	"os"
	"path/filepath"
	"testing"
)

// TestReadCgroup: the nearest limits hold, of both versions of control groups.
func TestReadCgroup(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"a/b/memory.max": "max\n", "a/b/cpu.stat": "usage_usec 9\nnr_periods 0\nnr_throttled 0\n",
		"a/memory.max": "1000\n", "a/memory.current": "900\n", "a/memory.stat": "anon 500\ninactive_file 100\n", "a/cpu.stat": "nr_periods 50\nnr_throttled 40\n",
		"memory/x/memory.limit_in_bytes": "2000\n", "memory/x/memory.usage_in_bytes": "1500\n", "memory/x/memory.stat": "total_inactive_file 500\n",
		"memory/memory.limit_in_bytes": "9223372036854771712\n", "cpu,cpuacct/x/cpu.stat": "nr_periods 7\nnr_throttled 1\nthrottled_time 5\n",
		"z/memory.max": "max\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for memberships, want := range map[string]Cgroup{
		"0::/a/b\n":                             {Periods: 50, Throttled: 40, Memory: 800, Limit: 1000},
		"0::/z\n":                               {},
		"4:memory:/x\n2:cpu,cpuacct:/x\n0::/\n": {Periods: 7, Throttled: 1, Memory: 1000, Limit: 2000},
		"4:memory:/\n":                          {},
		"nonsense":                              {},
	} {
		if got := readCgroup(root, memberships); got != want {
			t.Errorf("%q: %+v, want %+v", memberships, got, want)
		}
	}
}

// TestParsePressure reads what the kernel writes, and refuses what it does not.
func TestParsePressure(t *testing.T) {
	if got, err := parsePressure("some avg10=63.38 avg60=77.47 avg300=64.66 total=16295661394\nfull avg10=0.00\n"); got != 63.38 || err != nil {
		t.Errorf("%v %v", got, err)
	}
	for _, text := range []string{"", "some avg10=\n", "full avg10=1.0 avg60=2\n"} {
		if got, err := parsePressure(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// TestRunDelay: a process that runs has a delay, and one that does not is an error.
func TestRunDelay(t *testing.T) {
	if d, err := RunDelay(os.Getpid()); err != nil || d < 0 {
		t.Errorf("%v %v", d, err)
	}
	if _, err := RunDelay(1 << 30); err == nil {
		t.Error("a process that is not there has waited")
	}
}
