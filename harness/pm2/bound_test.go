package pm2

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2/internal/axon"
)

// zeros reads as much as is asked for.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// TestFloods: more than a daemon can send within a second is an error, by bytes as by
// messages; the same over a longer time is none.
func TestFloods(t *testing.T) {
	const seconds = 10
	for name, c := range map[string]struct {
		most int
		one  func(m *meter) error
	}{
		"bytes":    {maxBytes / (1 << 20), func(m *meter) error { _, err := m.Read(make([]byte, 1<<20)); return err }},
		"messages": {maxFrames, (*meter).countFrame},
	} {
		now := time.Unix(1, 0)
		m := &meter{r: zeros{}, now: func() time.Time { return now }}
		var err error
		for i := 0; i < seconds*c.most && err == nil; i++ {
			now = now.Add(time.Second/time.Duration(c.most) + 1)
			err = c.one(m)
		}
		if err != nil {
			t.Errorf("%s, as fast as a daemon can: %v", name, err)
		}
		for i := 0; i < 2*c.most+2 && err == nil; i++ {
			err = c.one(m)
		}
		if !errors.Is(err, ErrFlood) {
			t.Errorf("%s, at once: %v", name, err)
		}
	}
	// It comes through the frames.
	m := &meter{r: io.MultiReader(strings.NewReader("\x11\x7f\xff\xff\xff"), zeros{}), now: func() time.Time { return time.Unix(1, 0) }}
	if _, err := axon.NewReader(m, maxEvent).Read(nil); !errors.Is(err, ErrFlood) {
		t.Errorf("an argument of 2 GB: %v", err)
	}
}
