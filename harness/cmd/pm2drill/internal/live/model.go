package live

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// drawEvery is how often a terminal shows the state anew.
const drawEvery = 500 * time.Millisecond

// model is the view on a terminal. It is changed by messages alone.
type model struct {
	ctx           context.Context
	source        Source
	after         func(time.Duration, func(time.Time) tea.Msg) tea.Cmd // tea.Tick
	picture       Picture
	width, height int
	selected      int    // id of the worker whose stderr is shown
	hints         bool   // commands are shown in place of logs and events
	busy          bool   // a key's action is under way
	said          string // how the last one failed
	err           error  // why the view ends
}

func newModel(ctx context.Context, s Source) model {
	return model{ctx: ctx, source: s, after: tea.Tick, width: 80, height: 24}
}

// Messages of the model besides keys and sizes.
type (
	looked struct {
		picture Picture
		err     error
	}
	due  struct{}
	done struct{ err error }
)

// Init begins to look.
func (m model) Init() tea.Cmd { return m.look }

func (m model) look() tea.Msg {
	p, err := m.source.Look(m.ctx)
	return looked{p, err}
}

// Update takes a message in.
func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		return m.press(msg.String())
	case due:
		return m, m.look
	case looked:
		if msg.err != nil {
			m.err = msg.err
			return m, tea.Quit
		}
		m.picture = msg.picture
		return m, m.after(drawEvery, func(time.Time) tea.Msg { return due{} })
	case done:
		m.busy = false
		if msg.err != nil {
			m.said = msg.err.Error()
		}
	}
	return m, nil
}

// press does what a key asks for. While one action is under way no other begins.
func (m model) press(key string) (tea.Model, tea.Cmd) {
	switch key {
	case "q", "ctrl+c":
		m.err = ErrLeft
		return m, tea.Quit
	case "up", "k":
		return m.move(-1), nil
	case "down", "j":
		return m.move(1), nil
	case "c":
		m.hints = !m.hints && len(m.picture.Hints) > 0
		return m, nil
	}
	for _, k := range m.source.Keys() {
		if k.Name == key && !m.busy {
			m.busy, m.said = true, ""
			return m, func() tea.Msg { return done{k.Do(m.ctx)} }
		}
	}
	return m, nil
}

// move selects another worker, so many rows further down.
func (m model) move(by int) model {
	if n := len(m.picture.Workers); n > 0 {
		i := findWorker(m.picture.Workers, m.selected) + by
		m.selected = m.picture.Workers[min(max(i, 0), n-1)].ID
	}
	return m
}

// listKeys returns what keys do, in one line.
func (m model) listKeys() string {
	words := []string{"[↑↓] worker"}
	for _, k := range m.source.Keys() {
		words = append(words, strings.TrimSpace("["+k.Name+"] "+k.Help))
	}
	if len(m.picture.Hints) > 0 {
		words = append(words, "[c] commands")
	}
	return strings.Join(append(words, "[q] leave"), "  ")
}

// View draws the whole screen.
func (m model) View() tea.View {
	v := tea.NewView(strings.Join(m.draw(), "\n"))
	v.AltScreen = true
	return v
}
