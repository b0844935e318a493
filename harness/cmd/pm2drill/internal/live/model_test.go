package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// fake is a source of which a test decides everything.
type fake struct {
	picture Picture
	err     error
	pressed []string
	fails   error // of its keys
}

func (f *fake) Look(context.Context) (Picture, error) { return f.picture, f.err }

func (f *fake) Keys() []Key {
	var keys []Key
	for _, name := range []string{"e", "+"} {
		keys = append(keys, Key{Name: name, Help: "does " + name, Do: func(context.Context) error {
			f.pressed = append(f.pressed, name)
			return f.fails
		}})
	}
	return keys
}

// newPicture returns an app of three workers: serving, stalled and given up.
func newPicture() Picture {
	return Picture{
		Title: "stalled-worker", State: "no engine", Brief: "1.0 s  1 of 3", Notes: []string{"same symptom: yes"},
		Load:  []Lane{{Name: "short", Answered: 6.7, Dropped: 3.3, Slowest: 20 * time.Millisecond, All: 200, Lost: 10}},
		News:  []string{"    1.0 s  drill inject", "    2.0 s  worker 1 exit"},
		Hints: []string{"docker exec -it 0123456789ab sh"},
		Workers: []Worker{
			{ID: 0, PID: 101, Word: "serving", CPU: 4, RSS: 60 << 20, Rate: "6.7/s", CPUs: []float64{0, 50, 100}, Rates: []float64{1, 2, 4}, Stderr: []string{"said by worker 0"}},
			{ID: 2, PID: 102, Word: "stalled", Health: Bad, CPU: 99, RSS: 61 << 20, Rate: "0.0/s", Stderr: []string{"said by worker 2\x1b[2J"}},
			{ID: 3, Word: "errored", Health: Bad, CPU: Unknown, Restarts: 16, Rate: "0.0/s"},
		},
	}
}

// started returns a model that has seen the source once, on a screen of that size.
func started(f *fake, width, height int) model {
	m := newModel(context.Background(), f)
	m.after = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	return send(send(m, tea.WindowSizeMsg{Width: width, Height: height}), m.Init()())
}

func send(m model, msg tea.Msg) model {
	next, _ := m.Update(msg)
	return next.(model)
}

func press(m model, name string) (model, tea.Cmd) {
	keys := map[string]tea.KeyPressMsg{
		"up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown}, "left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight},
		"esc": {Code: tea.KeyEscape}, "enter": {Code: tea.KeyEnter}, "ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+d": {Code: 'd', Mod: tea.ModCtrl},
	}
	key, special := keys[name]
	if !special {
		key = tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
	}
	next, cmd := m.Update(key)
	return next.(model), cmd
}

// TestOnlyQAndCtrlCLeave: no other key ends the view, arrows and Escape least of all.
func TestOnlyQAndCtrlCLeave(t *testing.T) {
	for key, leaves := range map[string]bool{
		"q": true, "ctrl+c": true, "Q": false, "esc": false, "ctrl+d": false, "up": false, "down": false, "left": false, "right": false,
		"enter": false, "x": false, "c": false, "j": false, "[": false,
	} {
		m, cmd := press(started(&fake{picture: newPicture()}, 80, 24), key)
		if left := errors.Is(m.err, ErrLeft) && cmd != nil; left != leaves {
			t.Errorf("%s leaves: %v", key, left)
		}
	}
}

// TestArrowsSelect: the stderr that is shown is the selected worker's, and the selection
// stays within the list, by the worker's id.
func TestArrowsSelect(t *testing.T) {
	f := &fake{picture: newPicture()}
	m := started(f, 80, 24)
	for _, step := range []struct{ key, want string }{
		{"up", "stderr of worker 0"}, {"down", "stderr of worker 2"}, {"down", "stderr of worker 3"}, {"down", "stderr of worker 3"}, {"k", "stderr of worker 2"},
	} {
		m, _ = press(m, step.key)
		if text := show(m); !strings.Contains(text, step.want) {
			t.Fatalf("after %s it does not show %q:\n%s", step.key, step.want, text)
		}
	}
	if text := show(m); !strings.Contains(text, "said by worker 2") || strings.Contains(text, "said by worker 0") || strings.Contains(m.View().Content, "\x1b[2J") {
		t.Errorf("the lines are not the selected worker's alone, or raw:\n%q", text)
	}
	f.picture.Workers = f.picture.Workers[:1]
	if text := show(send(m, m.look())); !strings.Contains(text, "stderr of worker 0") {
		t.Errorf("the selected worker is gone:\n%s", text)
	}
}

// TestKeyActsOnce: an action runs beside the view, and while it does no other begins; why it
// failed is shown until the next one.
func TestKeyActsOnce(t *testing.T) {
	f := &fake{picture: newPicture(), fails: errors.New("cannot start the engine")}
	m, first := press(started(f, 80, 24), "e")
	m, second := press(m, "+")
	if first == nil || second != nil || !strings.Contains(show(m), "working") {
		t.Fatalf("two actions at once, or none:\n%s", show(m))
	}
	m = send(m, first())
	if !slices.Equal(f.pressed, []string{"e"}) || !strings.Contains(show(m), "cannot start the engine") {
		t.Errorf("pressed %q:\n%s", f.pressed, show(m))
	}
	f.fails = nil
	m, cmd := press(m, "+")
	if m = send(m, cmd()); !slices.Equal(f.pressed, []string{"e", "+"}) || strings.Contains(show(m), "cannot start") {
		t.Errorf("pressed %q:\n%s", f.pressed, show(m))
	}
}

// TestSourceEnds: what the source cannot go on for ends the view.
func TestSourceEnds(t *testing.T) {
	gone := errors.New("the load generator has ended")
	if m := started(&fake{err: gone}, 80, 24); !errors.Is(m.err, gone) {
		t.Errorf("it ends with %v", m.err)
	}
}

// show returns the screen without styles.
func show(m model) string { return ansi.Strip(strings.Join(m.draw(), "\n")) }

// TestDrawFits: on every size the screen is as high as the terminal and no wider, and its
// last line has the keys.
func TestDrawFits(t *testing.T) {
	p := newPicture()
	p.Title, p.State, p.Hints = strings.Repeat("a long title ", 30), strings.Repeat("a long state ", 30), append(p.Hints, strings.Repeat("another ", 60))
	p.Notes = append(p.Notes, strings.Repeat("both show it 世界 ", 20), strings.Repeat("x", 300))
	for i := range 40 {
		p.Workers = append(p.Workers, Worker{ID: 10 + i, PID: 4194304, Word: "waiting restart", RSS: 9 << 40, Restarts: 123456, Rate: "12345.6/s", CPU: 1600})
		p.News = append(p.News, strings.Repeat("event\t", 50))
	}
	for _, size := range [][2]int{{80, 24}, {200, 60}, {130, 30}, {40, 12}, {20, 5}, {1, 1}, {300, 100}} {
		for _, keys := range [][]string{nil, {"c"}, {"down", "down", "down", "down", "down", "down", "down", "down"}} {
			m := started(&fake{picture: p}, size[0], size[1])
			for _, key := range keys {
				m, _ = press(m, key)
			}
			lines := m.draw()
			if len(lines) != size[1] {
				t.Errorf("%v %q: %d lines", size, keys, len(lines))
			}
			for _, line := range lines {
				if n := ansi.StringWidth(line); n > size[0] {
					t.Errorf("%v %q: a line of %d columns: %q", size, keys, n, line)
				}
			}
			if last := ansi.Strip(lines[len(lines)-1]); size[0] >= 80 && (!strings.HasPrefix(last, "[↑↓] worker") || !strings.HasSuffix(last, "[q] leave")) {
				t.Errorf("%v %q: the last line is %q", size, keys, last)
			}
			if id := fmt.Sprintf("▶● %d", m.selected); len(keys) > 2 && size[1] >= 12 && !strings.Contains(show(m), id) {
				t.Errorf("%v: the selected row %q is not shown:\n%s", size, id, show(m))
			}
		}
	}
}

// TestDrawTells: figures, words and commands, on narrow and on wide screens.
func TestDrawTells(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {200, 60}} {
		m := started(&fake{picture: newPicture()}, size[0], size[1])
		text := show(m)
		for _, want := range []string{"stalled-worker", "no engine", "same symptom: yes", "▶●  0     101  serving", "99 %", "60 MiB", "errored", "16", "6.7/s",
			"▁▅█", "short              6.7      3.3", "worker 1 exit", "said by worker 0"} {
			if !strings.Contains(text, want) {
				t.Errorf("%v: it does not say %q:\n%s", size, want, text)
			}
		}
		toggled, _ := press(m, "c")
		if wide := size[0] >= wide; wide != strings.Contains(text, "docker exec") || !strings.Contains(show(toggled), "docker exec") {
			t.Errorf("%v: the commands are not where they should be", size)
		}
	}
	p := newPicture()
	p.Down, p.Workers = "PM2's daemon does not answer", nil
	if text := show(started(&fake{picture: p}, 80, 24)); !strings.Contains(text, p.Down) || strings.Contains(text, "lists no worker") {
		t.Errorf("it does not say what is wrong:\n%s", text)
	}
}

func TestDescribe(t *testing.T) {
	for _, x := range []struct {
		seen Seen
		word string
		is   Health
	}{
		{Seen{Status: "online", Alive: true, State: "S", Asked: true, Serves: true}, "serving", Good},
		{Seen{Status: "online", Alive: true, State: "S", CPU: Unknown}, "online", Good},
		{Seen{Status: "online", Alive: true, State: "S", Asked: true, CPU: 3}, "silent", Doubtful},
		{Seen{Status: "online", Alive: true, State: "R", Asked: true, CPU: 99}, "stalled", Bad},
		{Seen{Status: "online", Alive: true, State: "S", Mute: true, Serves: true}, "stalled", Bad},
		{Seen{Status: "online", Alive: true, State: "T", Serves: true}, "suspended", Bad},
		{Seen{Status: "launching", Alive: true, State: "R", Asked: true, CPU: 100}, "launching", Doubtful},
		{Seen{Status: "online"}, "gone", Bad},
		{Seen{Status: "errored"}, "errored", Bad},
	} {
		if word, is := x.seen.Describe(); word != x.word || is != x.is {
			t.Errorf("%+v is %q, %v", x.seen, word, is)
		}
	}
}

func TestSparkline(t *testing.T) {
	for _, x := range []struct {
		values []float64
		most   float64
		want   string
	}{
		{nil, 1, "    "}, {[]float64{0, 50, 100}, 100, " ▁▅█"}, {[]float64{0, 0}, 0, "  ▁▁"}, {[]float64{9, 9, 9, 9, 9, 1, 400, Unknown}, 100, "▁▁█ "},
	} {
		if got := drawSparkline(x.values, 4, x.most); got != x.want {
			t.Errorf("%v: %q", x.values, got)
		}
	}
}

// TestLines: without a terminal there are lines; letters that come by a pipe are keys, in
// their order, and its end leaves. A note is printed once.
func TestLines(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := io.WriteString(out, "e\x1b[A+Qe"); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	f := &fake{picture: newPicture()}
	var said bytes.Buffer
	if err := runLines(context.Background(), &said, f, readKeys(in), nil); !errors.Is(err, ErrLeft) {
		t.Errorf("it ends with %v", err)
	}
	if !slices.Equal(f.pressed, []string{"e", "+", "e"}) {
		t.Errorf("the keys %q", f.pressed)
	}
	want := "same symptom: yes\ndocker exec -it 0123456789ab sh\non stdin: e does e, + does +, q or its end leaves\n1.0 s  1 of 3\n"
	if said.String() != want {
		t.Errorf("it prints\n%s", said.String())
	}
}

// TestLinesWithoutKeys: where nobody can type, it says how to leave, and prints on.
func TestLinesWithoutKeys(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	tick := make(chan time.Time)
	go func() {
		for range linesPer {
			tick <- time.Time{}
		}
		cancel(ErrLeft)
	}()
	var said bytes.Buffer
	if err := runLines(ctx, &said, &fake{picture: Picture{Brief: "a line"}}, nil, tick); !errors.Is(err, ErrLeft) {
		t.Errorf("it ends with %v", err)
	}
	if got := said.String(); got != "SIGINT or SIGTERM leaves: there is nobody on stdin\na line\na line\n" {
		t.Errorf("it prints\n%s", got)
	}
}

func TestSplitCommand(t *testing.T) {
	for command, want := range map[string]string{
		"docker exec -it x sh":                                                    "docker exec -it x sh",
		"docker exec -it 0123456789ab agent engine --dry-run":                     "docker exec -it 0123456789ab \\\n  agent engine --dry-run",
		"docker exec -it 0123456789ab sh -c 'one; two; three and more; and more'": "docker exec -it 0123456789ab \\\n  sh -c \\\n  'one; two; three and more; an…",
	} {
		if got := strings.Join(splitCommand(command, 32), "\n"); got != want {
			t.Errorf("%q became %q", command, got)
		}
	}
}
