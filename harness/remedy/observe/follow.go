package observe

import (
	"context"
	"errors"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// subscribe subscribes to the bus when there is a daemon and no subscription.
func (w *Watcher) subscribe(ctx context.Context, d Daemon) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.bus != nil || !d.Alive || host.Now() < w.calm {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	bus, err := pm2.Subscribe(ctx, w.home, listTopics()...)
	if err != nil {
		return // the next look tries again; the list goes on telling the state
	}
	w.bus = bus
	go w.follow(bus)
}

// follow takes in what the bus says until it ends.
func (w *Watcher) follow(bus *pm2.Bus) {
	for e := range bus.Events() {
		w.receive(e)
	}
	bus.Close()
	w.mu.Lock()
	w.bus = nil
	if errors.Is(bus.Err(), pm2.ErrFlood) {
		w.calm = host.Now() + afterFlood
	}
	w.mu.Unlock()
	w.nudge()
}

// afterFlood is how long the bus is left alone after more came over it than PM2's daemon
// can have to say.
const afterFlood = 10 * time.Second

// maxEvents bounds what is kept between two looks: an app in a tight loop may
// write a lot of stderr.
const maxEvents = 2000

// receive files one message of the bus.
func (w *Watcher) receive(e pm2.Event) {
	at := host.Now()
	if space := w.Namespace(); e.Space != "" && space != "" && e.Space != space {
		return // of a namesake
	}
	events := translate(e, w.app, at)
	if e.Topic == pm2.TopicOut && e.Name == w.app && !e.Old && e.ID >= 0 {
		now := time.Now()
		events = append(events, w.unison.hear(e.ID, e.Text, at, now.Sub(now.Truncate(time.Minute)))...)
	}
	if len(events) == 0 {
		return
	}
	w.mu.Lock()
	filed := false
	for _, event := range events {
		filed = w.keepEvent(event) || filed
	}
	w.mu.Unlock()
	if filed {
		w.nudge()
	}
}

// keepEvent keeps an event for the next look, and reports whether there is something new
// in it. Between two looks the same words of the same process count once: rules ask who
// complains of what, not how often. w.mu is held.
func (w *Watcher) keepEvent(event Event) bool {
	switch event.Kind {
	case KindError, KindException, KindPM2Log:
		if !w.ears.hear(event) {
			return false
		}
	case KindExit:
		if last, ok := w.ears.takeSpilt(event.ID); ok {
			w.events = append(w.events, last) // it may have died of that
		}
		w.ears.forgetWords(event.ID)
	}
	if len(w.events) < maxEvents {
		w.events = append(w.events, event)
	}
	return true
}
