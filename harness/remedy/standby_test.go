package remedy

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestStandsBy: while one engine has PM2_HOME a second waits, says so once, and has it when the first
// ends; one that is told to end while it waits does.
func TestStandsBy(t *testing.T) {
	home := t.TempDir()
	first, err := takeNotes(home, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := takeNotes(home, false, nil); !errors.Is(err, errTaken) {
		t.Errorf("a second engine without standby: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := awaitTurn(ctx, home, nil, func() {}); !errors.Is(err, context.Canceled) {
		t.Errorf("one that is to end: %v", err)
	}
	ticks, waits, over := make(chan time.Time), make(chan bool, 10), make(chan error)
	go func() {
		turn, err := awaitTurn(t.Context(), home, ticks, func() { waits <- true })
		if err == nil {
			var second *notes
			if second, err = takeNotes(home, false, turn); err == nil {
				_, third := takeNotes(home, false, nil)
				if !errors.Is(third, errTaken) {
					err = errors.New("a third engine has it too")
				}
				second.close()
			}
		}
		over <- err
	}()
	<-waits
	ticks <- time.Time{}
	ticks <- time.Time{} // it has looked again, in vain
	first.close()
	select {
	case ticks <- time.Time{}:
		err = <-over
	case err = <-over: // its look from before has found it
	}
	if err != nil || len(waits) > 0 {
		t.Errorf("the second engine: %v, and it has said %d times more that it waits", err, len(waits))
	}
}
