package operate

import (
	"testing"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// TestLeaver: the highest id goes, and never the worker that is number 0.
func TestLeaver(t *testing.T) {
	row := func(id int, instance string) pm2.Process { return pm2.Process{ID: id, Instance: instance} }
	for _, c := range []struct {
		name string
		rows []pm2.Process
		want int // -1 for nobody
	}{
		{"as started", []pm2.Process{row(0, "0"), row(1, "1"), row(2, "2")}, 2},
		{"the leader has the highest id", []pm2.Process{row(4, "1"), row(7, "2"), row(9, "0")}, 7},
		{"nobody has a number", []pm2.Process{row(0, ""), row(1, "")}, 1},
		{"only the leader is left", []pm2.Process{row(3, "0")}, -1},
	} {
		p, err := chooseLeaver(c.rows)
		if c.want < 0 {
			if err == nil {
				t.Errorf("%s: worker %d would go", c.name, p.ID)
			}
			continue
		}
		if err != nil || p.ID != c.want {
			t.Errorf("%s: worker %d (%v) would go, want %d", c.name, p.ID, err, c.want)
		}
	}
}
