package hold

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/live"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Console shows one held cluster and what is announced about it.
type Console struct {
	call   cli.Call
	screen bool // a terminal is drawn on, and nothing of it is left afterwards

	mu     sync.Mutex
	notes  []string // shown throughout
	latest string   // the last announcement
	shown  string   // the last announcement that was shown
	load   float64  // times the load of the scenario
}

// NewConsole returns a console on the streams of a call.
func NewConsole(c cli.Call) *Console {
	return &Console{call: c, screen: live.HasScreen(c), load: 1}
}

// Note adds what is shown throughout.
func (k *Console) Note(texts ...string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.notes = append(k.notes, texts...)
}

// Announce shows a text from now on, in place of the last one.
func (k *Console) Announce(text string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.latest = text
}

// Conclude prints a text when the console is closed, unless it stands there already.
func (k *Console) Conclude(text string) {
	if k.screen || k.shown != text {
		fmt.Fprintln(k.call.Stdout, text)
	}
}

// Watch shows the cluster until somebody leaves (live.ErrLeft), ctx ends or the drill fails.
func (k *Console) Watch(ctx context.Context, h *drill.Held, title string) error {
	return live.Run(ctx, k.call, &source{Console: k, held: h, title: title})
}

// source is a held cluster as the view shows it.
type source struct {
	*Console
	held  *drill.Held
	title string
}

// Keys lists what can be done to the cluster.
func (s *source) Keys() []live.Key {
	return []live.Key{
		{Name: "e", Help: "engine on/off", Do: s.held.Engine},
		{Name: "l", Help: "lift fault", Do: s.held.Lift},
		{Name: "+", Do: func(ctx context.Context) error { return s.scaleLoad(ctx, 2) }},
		{Name: "-", Help: "load", Do: func(ctx context.Context) error { return s.scaleLoad(ctx, 0.5) }},
	}
}

// scaleLoad sends so many times the load of now.
func (s *source) scaleLoad(ctx context.Context, by float64) error {
	s.mu.Lock()
	s.load *= by
	times := s.load
	s.mu.Unlock()
	return s.held.Load(ctx, times)
}

// Look returns the cluster as the record has it now.
func (s *source) Look(context.Context) (p live.Picture, err error) {
	if err := s.held.Failed(); err != nil {
		return p, err
	}
	state := s.describeState()
	s.held.Look(func(r *evidence.Record, now time.Duration) { p = buildPicture(r, now, state) })
	p.Title, p.State, p.Hints = s.title, state, ListHints(s.held)
	p.Notes = s.listNotes()
	return p, nil
}

// listNotes returns what is shown throughout and the last announcement.
func (k *Console) listNotes() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.shown = k.latest; k.latest == "" {
		return slices.Clone(k.notes)
	}
	return append(slices.Clone(k.notes), k.latest)
}

// describeState says what is under way.
func (s *source) describeState() string {
	words := []string{"no engine"}
	if s.held.EngineRuns() {
		words[0] = s.held.EngineName() + " runs"
	}
	s.mu.Lock()
	if s.load != 1 {
		words = append(words, fmt.Sprintf("%g times the load", s.load))
	}
	s.mu.Unlock()
	return strings.Join(append(words, DescribeFault(s.held)), " · ") // the fault's may be long
}

// DescribeFault returns the state of the fault in words: its effect, or why there is none.
func DescribeFault(h *drill.Held) (words string) {
	if h.Lifted() {
		return "the fault has been lifted"
	}
	h.Look(func(r *evidence.Record, now time.Duration) {
		_, steady := r.Mark(evidence.MarkSteady)
		_, injected := r.Mark(evidence.MarkInject)
		effect, seen := r.Mark(evidence.MarkBitten)
		switch {
		case seen && len(r.StillServing(now-time.Second, now)) >= r.Header.Workers:
			words = "all workers serve again; the fault had taken effect: " + effect.Note
		case seen:
			words = "the fault has taken effect: " + effect.Note
		case injected:
			words = "the fault was injected, and no effect has been seen"
		case h.Harmless() || steady:
			words = "no fault is injected"
		default:
			words = "the cluster never became steady, so no fault was injected"
		}
	})
	return words
}

// HasTakenEffect reports whether an effect of the fault has been seen.
func HasTakenEffect(h *drill.Held) (ok bool) {
	h.Look(func(r *evidence.Record, _ time.Duration) { _, ok = r.Mark(evidence.MarkBitten) })
	return ok
}

// ListHints are commands for another terminal.
func ListHints(h *drill.Held) []string {
	exec := "docker exec -it " + h.Cluster().ID()[:12] + " "
	name, url := h.Subject()
	return []string{
		exec + "sh -c 'ss -tlnp; pm2 logs --nostream --lines 20'",
		exec + "pm2drill engine --dry-run --app " + cli.QuoteWord(name) + " --url " + cli.QuoteWord(url),
		exec + "pm2 monit",
		exec + "sh",
	}
}
